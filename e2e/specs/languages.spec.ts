import type { WebSocketRoute } from "@playwright/test";
import { expect, test } from "../fixtures";
import {
  bubble,
  expectTranslated,
  LIVE_TIMEOUT_MS,
  messageList,
  openRoom,
  readOwnTag,
  startChat,
  TRANSLATION_TIMEOUT_MS,
  write,
} from "../person";

test("another reading language changes what was read before, and the interface changes, without a reload", async ({
  somebody,
}) => {
  const ana = await somebody({ name: "Ana", language: "es" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(ana));
  await openRoom(ana, "Ben");
  await write(ana, "La casa es grande");
  await expectTranslated(ben, /house is big/iu, "La casa es grande");

  await ben.page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await ben.page.getByRole("link", { name: ben.t("rooms.settings") }).click();
  await ben.page.getByRole("combobox", { name: ben.t("settings.readingLanguage") }).selectOption("fr");
  await ben.page.getByRole("combobox", { name: ben.t("settings.uiLanguage") }).selectOption("pt");
  await expect(ben.page.getByRole("heading", { name: "Configurações" })).toBeVisible();
  await expect(ben.page.locator("html")).toHaveAttribute("lang", "pt");
  await ben.page.getByRole("link", { name: "Voltar" }).click();
  await ben.page.getByRole("navigation").getByRole("link", { name: /Ana/u }).click();
  const list = ben.page.getByRole("log");
  await expect(list.getByText(/maison est grande/iu)).toBeVisible({ timeout: TRANSLATION_TIMEOUT_MS });
  await expect(list.getByText(/maison est grande/iu)).toHaveAttribute("lang", "fr");
  await expect(list.getByText("Traduzido do espanhol")).toBeVisible();
  expect(await ben.page.evaluate(() => Reflect.get(window, "sameDocument"))).toBe(true);
});

test("P5: a translation takes the place of the original without moving anything", async ({ somebody }) => {
  const ana = await somebody({ name: "Ana", language: "es" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await ben.page.routeWebSocket(/\/realtime/u, holdChanges);
  await ben.page.reload();
  await startChat(ben, await readOwnTag(ana));
  await openRoom(ana, "Ben");
  await write(ben, "hello");
  await expect(bubble(ben, "hello")).toBeVisible();
  await messageList(ben).evaluate(recordBubbles);

  await write(ana, "El jardín es pequeño");
  await expect(bubble(ben, /garden is small/iu)).toBeVisible({ timeout: TRANSLATION_TIMEOUT_MS });
  const drawn = await messageList(ben).evaluate((list) => Reflect.get(list, "drawn") as DrawnBubble[]);
  const isTranslated = ({ text }: DrawnBubble) => /garden is small/iu.test(text);
  const [originals, translated] = [drawn.filter((one) => !isTranslated(one)), drawn.filter(isTranslated)];
  expect(originals.at(-1)?.text).toContain("El jardín es pequeño");
  expect(originals.at(-1)?.text).toContain(ben.t("message.translating"));
  // The list may measure a bubble that has just come; where it then lies, its translation lies.
  const place = { below: originals.at(-1)?.below, height: originals.at(-1)?.height };
  expect(translated.map(({ below, height }) => ({ below, height }))).toEqual(translated.map(() => place));
  expect(translated.length).toBeGreaterThan(0);
});

test("an Arabic reader gets right-to-left text with its language said, and honest words where nothing translates", async ({
  somebody,
}) => {
  const layla = await somebody({ name: "Layla", language: "ar" });
  const ben = await somebody({ name: "Ben", language: "en" });
  await startChat(ben, await readOwnTag(layla));
  await openRoom(layla, "Ben");
  await write(ben, "good morning");
  await expect(bubble(layla, "good morning")).toContainText(/no translation from English/u, {
    timeout: TRANSLATION_TIMEOUT_MS,
  });
  await expect(bubble(layla, "good morning").locator('[lang="en"]')).toHaveText("good morning");
  await write(layla, "مرحبا، كيف حالك اليوم؟");
  const arabic = bubble(ben, "مرحبا").locator('[lang="ar"]');
  await expect(arabic).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
  expect(await arabic.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
});

/** Between a message and its translation, so that a quick engine on a busy machine does not hide the original. */
function holdChanges(socket: WebSocketRoute): void {
  const server = socket.connectToServer();
  server.onMessage((frame) => {
    const isChange = typeof frame === "string" && frame.includes('"t":"change"');
    if (isChange) setTimeout(() => socket.send(frame), 500);
    else socket.send(frame);
  });
}

interface DrawnBubble {
  text: string;
  /** Pixels from the top of the bubble before it: the list may scroll to its end meanwhile. */
  below: number;
  height: number;
}

/** Runs in the page: what the last bubble shows and its place, whenever that changes, from its second on. */
function recordBubbles(list: HTMLElement | SVGElement): void {
  const drawn: { text: string; below: number; height: number }[] = [];
  Object.assign(list, { drawn });
  const look = () => {
    const [previous, last] = [...list.querySelectorAll("article")].slice(-2);
    if (previous !== undefined && last !== undefined) {
      const [above, own] = [previous.getBoundingClientRect(), last.getBoundingClientRect()];
      const below = Math.round(own.top - above.top);
      const now = { text: last.textContent ?? "", below, height: Math.round(own.height) };
      if (JSON.stringify(now) !== JSON.stringify(drawn.at(-1))) drawn.push(now);
    }
    next();
  };
  // After the frame: within it the list measures and moves what it drew.
  const next = () => void requestAnimationFrame(() => setTimeout(look));
  next();
}
