import { expect, test } from "../fixtures";
import { bubble, expectStatus, LIVE_TIMEOUT_MS, openRoom, readOwnTag, startChat, write } from "../person";

test("an edited message changes for both, a deleted one is gone for both", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await openRoom(ana, "Ben");
  await write(ben, "see you at sevn");
  await expect(bubble(ana, "see you at sevn")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  await expectStatus(ben, "see you at sevn", ["sent", "delivered", "read"]);

  const composer = ben.page.getByRole("textbox", { name: ben.t("composer.label") });
  await composer.focus();
  await composer.press("ArrowUp");
  await expect(composer).toHaveValue("see you at sevn");
  await composer.fill("see you at seven");
  await composer.press("Enter");
  await expect(bubble(ana, "see you at seven")).toContainText(ana.t("message.edited"), { timeout: LIVE_TIMEOUT_MS });

  await bubble(ben, "see you at seven").hover();
  await bubble(ben, "see you at seven")
    .getByRole("button", { name: ben.t("message.actions") })
    .click();
  await ben.page.getByRole("menuitem", { name: ben.t("message.delete") }).click();
  await ben.page
    .getByRole("alertdialog")
    .getByRole("button", { name: ben.t("message.deleteConfirm") })
    .click();
  await expect(bubble(ana, ana.t("message.deleted"))).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  await expect(bubble(ana, "see you at seven")).toHaveCount(0);
});
