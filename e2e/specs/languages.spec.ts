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
  await startChat(ben, await readOwnTag(ana));
  await openRoom(ana, "Ben");
  await write(ben, "hello");
  await expect(bubble(ben, "hello")).toBeVisible();
  await messageList(ben).evaluate(recordBubbles);

  await write(ana, "El jardín es pequeño");
  await expect(bubble(ben, /garden is small/iu)).toBeVisible({ timeout: TRANSLATION_TIMEOUT_MS });
  const drawn = await messageList(ben).evaluate(
    (list) => Reflect.get(list, "drawn") as { text: string; top: number }[],
  );
  const originals = drawn.filter(({ text }) => text.includes("El jardín es pequeño"));
  expect(originals[0]?.text).toContain(ben.t("message.translating"));
  // The list follows the new bubble to its end; from there on nothing moves.
  const place = originals.at(-1)?.top;
  const translated = drawn.slice(drawn.findIndex(({ text }) => /garden is small/iu.test(text)));
  expect(
    translated.every(({ top }) => top === place),
    JSON.stringify(drawn),
  ).toBe(true);
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

/** Runs in the page: what the last bubble shows and where its top is, whenever that changes, from its second on. */
function recordBubbles(list: HTMLElement | SVGElement): void {
  const drawn: { text: string; top: number }[] = [];
  Object.assign(list, { drawn });
  const look = () => {
    const bubbles = list.querySelectorAll("article");
    const last = bubbles[bubbles.length - 1];
    const now = { text: last?.textContent ?? "", top: Math.round(last?.getBoundingClientRect().top ?? 0) };
    const before = drawn.at(-1);
    if (bubbles.length > 1 && (before?.text !== now.text || before.top !== now.top)) drawn.push(now);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
