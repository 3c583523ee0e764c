import { expect, test } from "../fixtures";
import { bubble, expectStatus, LIVE_TIMEOUT_MS, readOwnTag, startChat } from "../person";

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
