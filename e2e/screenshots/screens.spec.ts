import { fileURLToPath } from "node:url";
import type { BrowserContextOptions } from "@playwright/test";
import { expect, test } from "../fixtures";
import {
  bubble,
  expectStatus,
  openRoom,
  readOwnTag,
  startChat,
  TRANSLATION_TIMEOUT_MS,
  write,
  type Person,
} from "../person";

/** `npm run screenshots`: the pictures of the README, taken of the running product, and others to look at. */
const images = (name: string) => fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url));
const others = (name: string) => fileURLToPath(new URL(`../test-results/screens/${name}.png`, import.meta.url));

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

test("a conversation in two languages, on the desktop and on a phone", async ({ newcomer, somebody, browser }) => {
  const ben = await newcomer({
    name: "Ben Carter",
    language: "en",
    context: { viewport: { width: 1280, height: 800 } },
  });
  const ana = await newcomer({ name: "Ana Romero", language: "es", context: PHONE });
  const chloe = await somebody({ name: "Chloé", language: "fr" });
  await startChat(chloe, await readOwnTag(ben));
  await write(chloe, "Bonjour, la maison est libre en juillet");

  await startChat(ben, await readOwnTag(ana));
  await openRoom(ana, "Ben");
  await say(ben, ana, "Good morning, Ana! The kitchen table is finished.");
  await say(ana, ben, "La mesa es muy bonita.");
  await say(ana, ben, "La casa está abierta el sábado.");
  await say(ben, ana, "I can bring the table on Saturday: https://maps.example/harbour");
  await say(ana, ben, "Tengo café para ti ☕");
  await expect(ben.page.getByText(ben.t("message.translating"))).toHaveCount(0, { timeout: TRANSLATION_TIMEOUT_MS });
  await ben.page.mouse.move(0, 0);
  await ben.page.screenshot({ path: images("conversation") });
  await ana.page.screenshot({ path: images("conversation-phone") });

  await ben.page.emulateMedia({ colorScheme: "dark" });
  await ben.page.screenshot({ path: others("desktop-dark") });
  await ana.page.emulateMedia({ colorScheme: "dark" });
  await ana.page.screenshot({ path: others("phone-dark") });
  await ben.page.emulateMedia({ colorScheme: "light" });

  await write(ben, "مرحبا، كيف حالك اليوم؟ الطقس جميل هنا");
  await expectStatus(ben, "مرحبا", ["sent", "delivered", "read"]);
  await ben.page.screenshot({ path: others("desktop-arabic") });
  await ben.page.getByRole("link", { name: ben.t("conversation.details") }).click();
  await expect(ben.page.getByRole("complementary")).toBeVisible();
  await ben.page.screenshot({ path: others("desktop-details") });
  await ana.page.goto("/chat");
  await expect(ana.page.getByRole("heading", { name: ana.t("rooms.title") })).toBeVisible();
  await ana.page.screenshot({ path: others("phone-list") });
  await ben.page.goto("/settings");
  await expect(ben.page.getByRole("heading", { name: ben.t("settings.title") })).toBeVisible();
  await ben.page.screenshot({ path: others("desktop-settings"), fullPage: true });

  for (const [name, options] of [
    ["desktop", {}],
    ["phone", PHONE],
  ] as const) {
    const page = await (await browser.newContext(options)).newPage();
    for (const path of ["/", "/sign-up", "/sign-in"]) {
      await page.goto(path);
      await page.screenshot({ path: others(`${name}${path.replace("/", "-")}`) });
    }
    await page.context().close();
  }
});

async function say(from: Person, to: Person, text: string): Promise<void> {
  await write(from, text);
  await expect(bubble(from, text)).toBeVisible();
  await expectStatus(from, text, ["delivered", "read"]);
  await expect(to.page.getByText(to.t("message.translating"))).toHaveCount(0, { timeout: TRANSLATION_TIMEOUT_MS });
}
