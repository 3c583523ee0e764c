import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { bubble, expectStatus, LIVE_TIMEOUT_MS, openRoom, readOwnTag, startChat, write } from "../person";

test("a message is written, refused and sent with the keyboard alone; what is refused stays in the composer", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  const composer = ben.page.getByRole("textbox", { name: ben.t("composer.label") });
  await composer.focus();

  const tooLong = "x".repeat(4_001);
  await composer.fill(tooLong);
  await composer.press("Enter");
  await expect(composer).toHaveValue(tooLong);

  await composer.fill("");
  await ben.page.keyboard.type("first line");
  await ben.page.keyboard.press("Shift+Enter");
  await ben.page.keyboard.type("second line");
  await ben.page.keyboard.press("Enter");
  await expect(composer).toHaveValue("");
  await expectStatus(ben, "second line", ["sent", "delivered", "read"]);
  await expect(bubble(ben, "first line")).toContainText("second line");
  await expect(bubble(ben, "x".repeat(100))).toHaveCount(0, { timeout: LIVE_TIMEOUT_MS });
});

test("somebody is found, written to and answered, and a message deleted, without a pointer", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  const tag = await readOwnTag(ana);
  const { page, t } = ben;
  await page.reload();

  await tabTo(page, t("rooms.newChat"));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: t("newChat.tag") })).toBeFocused();
  await page.keyboard.type(tag);
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("button", { name: t("newChat.start") })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: t("composer.label") })).toBeFocused();
  await page.keyboard.type("no mouse here");
  await page.keyboard.press("Enter");
  await openRoom(ana, "Ben");
  await write(ana, "nor here");
  await expect(bubble(ben, "nor here")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });

  // Backwards from the composer: the menus of the messages, the newest first.
  await tabTo(page, t("message.actions"), "Shift+Tab");
  await tabTo(page, t("message.actions"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: t("message.delete") })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: t("app.cancel") })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(bubble(ana, ana.t("message.deleted"))).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
});

/** Presses Tab until the control of that name has the focus: at most once round a page. */
async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  for (let steps = 0; steps < 30; steps += 1) {
    await page.keyboard.press(key);
    if ((await focused()) === name) return;
  }
  throw new Error(`no way to ${name} with ${key}`);
}
