import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import {
  bubble,
  expectTranslated,
  LIVE_TIMEOUT_MS,
  openRoom,
  placeOf,
  readOwnTag,
  startChat,
  TRANSLATION_TIMEOUT_MS,
  write,
} from "../person";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** WCAG 2.2, reflow: a page of this width needs no sideways scrolling. It is also 1280 px at 400 %. */
const NARROWEST = { width: 320, height: 640 };
/** 1440 x 900 at 200 %. */
const ZOOMED = { width: 720, height: 450 };
const TOUCH_PX = 44;

test("on a phone the list and the conversation are pages of their own, and nothing is cut off", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "es", context: PHONE });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await write(ben, "Good morning, my friend");

  await openRoom(ana, "Ben");
  await expectTranslated(ana, /Buenos? (?:días|mañana)/iu, "Good morning, my friend");
  await expect(ana.page.getByRole("heading", { name: ana.t("rooms.title") })).toBeHidden();
  await write(ana, "La casa es grande");
  await expectTranslated(ben, /house is big/iu, "La casa es grande");

  // What a finger has to hit; the line of the translation takes a tap above and below its words.
  for (const name of ["conversation.back", "conversation.details"])
    expect((await placeOf(ana.page.getByRole("link", { name: ana.t(name) }))).height).toBeGreaterThanOrEqual(TOUCH_PX);
  expect((await placeOf(ana.page.getByRole("button", { name: ana.t("composer.send") }))).height).toBe(TOUCH_PX);
  const { x, y, width } = await placeOf(ana.page.getByRole("button", { name: ana.t("message.showOriginal") }));
  await ana.page.touchscreen.tap(x + width / 2, y - 8);
  await expect(bubble(ana, "Good morning, my friend")).toBeVisible();

  for (const size of [NARROWEST, ZOOMED]) {
    await ana.page.setViewportSize(size);
    await expectNoSidewaysScrolling(ana.page);
    // Another width breaks the lines anew; who was at the end is still there.
    await expect(bubble(ana, "La casa es grande")).toBeInViewport({ timeout: LIVE_TIMEOUT_MS });
  }
  await ana.page.getByRole("link", { name: ana.t("conversation.back") }).click();
  await expect(ana.page.getByRole("heading", { name: ana.t("rooms.title") })).toBeVisible();
  for (const path of ["/settings", "/chat"]) {
    await ana.page.setViewportSize(NARROWEST);
    await ana.page.goto(path);
    await expect(ana.page.getByRole("heading", { level: 1 })).toBeVisible({ timeout: TRANSLATION_TIMEOUT_MS });
    await expectNoSidewaysScrolling(ana.page);
  }
});

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}
