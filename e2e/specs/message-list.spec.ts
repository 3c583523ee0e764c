import { LIMITS } from "@ashchat/contracts/limits";
import { expect, test } from "../fixtures";
import {
  bubble,
  expectStatus,
  LIVE_TIMEOUT_MS,
  messageList,
  openRoom,
  placeOf,
  readOwnTag,
  roomLink,
  sendMany,
  startChat,
  write,
} from "../person";

/** Two pages and a half: older ones have to be fetched, also where one page was fetched ahead. */
const HISTORY = 2 * LIMITS.historyPageMessages + 30;
const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `message number ${from + index}.`);

test("the list opens at the first unread message, the line stays where it is, and older pages move nothing", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await sendMany(ben, numbered(1, HISTORY));
  await openRoom(ana, "Ben");
  const line = ana.page.getByRole("separator", { name: ana.t("conversation.newMessages") });
  await expect(line).toBeInViewport();
  await expect(bubble(ana, "message number 1.")).toBeInViewport();
  await jumpToLatest(ana);
  await expect(bubble(ana, `message number ${HISTORY}.`)).toBeInViewport();
  await expect(roomLink(ana, "Ben").getByText(/unread/u)).toHaveCount(0, { timeout: LIVE_TIMEOUT_MS });
  await expectStatus(ben, `message number ${HISTORY}.`, ["read"]);

  // Another visit, with something new: the end is read, so the line stands before what came since.
  await ana.page.goto("/settings");
  await sendMany(ben, numbered(HISTORY + 1, 3));
  await ana.page.goto("/chat");
  await expect(ana.page).toHaveTitle(/^\(3\) /u);
  await openRoom(ana, "Ben");
  await expect(line).toBeInViewport();
  await expect(ana.page).toHaveTitle(/^Ben/u);
  const before = await placeOf(line);
  await write(ben, "one more while the room is open");
  await expect(bubble(ana, "one more while the room is open")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  const above = await bubble(ana, `message number ${HISTORY}.`).boundingBox();
  expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual((await placeOf(line)).y + before.height);

  // Older pages: what is at the top stays on its pixel while others are put before it.
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await ana.page.route(/message\.history/u, async (route) => {
    await released;
    await route.continue();
  });
  const list = messageList(ana);
  await list.hover();
  // More than once: a page that was on its way already comes in between and keeps the place.
  await expect(async () => {
    await ana.page.mouse.wheel(0, -100_000);
    await expect(list.getByRole("article").first()).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: LIVE_TIMEOUT_MS });
  await expect(bubble(ana, "message number 1.")).toHaveCount(0);
  await list.evaluate(watchTopWhilePrepending, LIVE_TIMEOUT_MS);
  release();
  const moved = await list.evaluate((element) => Reflect.get(element, "moved") as Promise<Movement>);
  expect(moved.grewPx).toBeGreaterThan(0);
  expect(moved.shiftPx).toBeLessThanOrEqual(1);
});

test("who reads further up is not moved by what comes, and the pill with the count leads there", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "en" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await sendMany(ben, numbered(1, 60));
  await openRoom(ana, "Ben");
  await jumpToLatest(ana);
  await expect(bubble(ana, "message number 60.")).toBeInViewport();

  // At the end: the list follows, also when a composer of many lines takes half of its room.
  await write(ben, "seen at once");
  await expect(bubble(ana, "seen at once")).toBeInViewport({ timeout: LIVE_TIMEOUT_MS });
  const composer = ana.page.getByRole("textbox", { name: ana.t("composer.label") });
  await composer.fill("line\n".repeat(8));
  await expect(bubble(ana, "seen at once")).toBeInViewport({ ratio: 1 });
  await composer.fill("");
  await write(ben, "followed after the composer shrank");
  await expect(bubble(ana, "followed after the composer shrank")).toBeInViewport({ timeout: LIVE_TIMEOUT_MS });

  await messageList(ana).hover();
  await ana.page.mouse.wheel(0, -900);
  await expect(bubble(ana, "followed after the composer shrank")).not.toBeInViewport();
  const reading = messageList(ana).getByRole("article").filter({ hasText: "message number 45." });
  const before = await placeOf(reading);
  await sendMany(ben, ["first below", "second below"]);
  const pill = ana.page.getByRole("button", { name: "2 new messages" });
  await expect(pill).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  expect((await placeOf(reading)).y).toBe(before.y);
  await pill.click();
  await expect(bubble(ana, "second below")).toBeInViewport();
  await expect(pill).toBeHidden();
});

async function jumpToLatest({ page, t }: Parameters<typeof messageList>[0]): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`${t("conversation.jumpToLatest")}|new message`, "u") }).click();
}

interface Movement {
  grewPx: number;
  shiftPx: number;
}

/**
 * Runs in the page. How far a bubble moves on the screen while the list grows before it: the second one, because the first may
 * lose the space that sets it off from nothing.
 */
function watchTopWhilePrepending(list: HTMLElement | SVGElement, deadlineMs: number): void {
  const deadline = performance.now() + deadlineMs;
  const height = list.scrollHeight;
  const watched = list.querySelectorAll("article")[1];
  const top = watched?.getBoundingClientRect().top ?? 0;
  const watch = async () => {
    let shiftPx = 0;
    // Some drawings more than the one in which it grew: sizes that were guessed are measured then.
    for (let after = 0; after < 10 && performance.now() < deadline;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (list.scrollHeight !== height) after += 1;
      if (watched?.isConnected) shiftPx = Math.max(shiftPx, Math.abs(watched.getBoundingClientRect().top - top));
    }
    return { grewPx: list.scrollHeight - height, shiftPx };
  };
  Object.assign(list, { moved: watch() });
}
