import { expect, test } from "../fixtures";
import { bubble, LIVE_TIMEOUT_MS, openRoom, readOwnTag, startChat, write } from "../person";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** WCAG 2.2, reflow: a page of this width needs no sideways scrolling. */
const NARROWEST = { width: 320, height: 640 };

test("on a phone the list and the conversation are pages of their own, and nothing is cut off", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "en", context: PHONE });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await write(ben, "are you on your phone?");

  await openRoom(ana, "Ben");
  await expect(bubble(ana, "are you on your phone?")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  await expect(ana.page.getByRole("heading", { name: ana.t("rooms.title") })).toBeHidden();
  await write(ana, "yes, on the tram");
  await expect(bubble(ben, "yes, on the tram")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });

  await ana.page.setViewportSize(NARROWEST);
  const overflow = await ana.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);

  await ana.page.getByRole("link", { name: ana.t("conversation.back") }).click();
  await expect(ana.page.getByRole("heading", { name: ana.t("rooms.title") })).toBeVisible();
});
