import { LIMITS } from "@ashchat/contracts/limits";
import { expect, test } from "../fixtures";
import { bubble, LIVE_TIMEOUT_MS, openRoom, readOwnTag, write, type Person } from "../person";

test("P13: a group reaches all its members, and who is removed receives nothing later", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  const eva = await somebody({ name: "Eva", language: "en" });
  await createGroup(ana, "Harbour", [await readOwnTag(ben), await readOwnTag(eva)]);
  await openRoom(ben, "Harbour");
  await openRoom(eva, "Harbour");

  await write(ana, "the boat leaves at nine");
  for (const person of [ana, ben, eva])
    await expect(bubble(person, "the boat leaves at nine")).toHaveCount(1, { timeout: LIVE_TIMEOUT_MS });

  await ana.page.getByRole("link", { name: ana.t("conversation.details") }).click();
  await ana.page.getByRole("button", { name: ana.t("details.remove").replace("{name}", "Eva") }).click();
  await ana.page
    .getByRole("alertdialog")
    .getByRole("button", { name: ana.t("details.removeConfirm") })
    .click();
  await expect(
    eva.page.getByRole("navigation", { name: eva.t("rooms.list") }).getByRole("link", { name: /Harbour/u }),
  ).toBeHidden({
    timeout: LIMITS.revocationDeadlineMs + LIVE_TIMEOUT_MS,
  });

  await write(ana, "only for those who stayed");
  await expect(bubble(ben, "only for those who stayed")).toHaveCount(1, { timeout: LIVE_TIMEOUT_MS });
  await expect(eva.page.getByText("only for those who stayed")).toHaveCount(0);
});

async function createGroup({ page, t }: Person, title: string, tags: readonly string[]): Promise<void> {
  await page
    .getByRole("button", { name: t("rooms.newGroup") })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: t("newGroup.name") }).fill(title);
  for (const [index, tag] of tags.entries()) {
    await dialog.getByRole("textbox", { name: t("newGroup.addTag") }).fill(tag);
    await dialog.getByRole("button", { name: t("newGroup.add"), exact: true }).click();
    await expect(dialog.getByRole("listitem")).toHaveCount(index + 1);
  }
  await dialog.getByRole("button", { name: t("newGroup.create") }).click();
  await expect(page).toHaveURL(/\/chat\/room_/u);
}
