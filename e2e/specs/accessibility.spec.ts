import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { bubble, LIVE_TIMEOUT_MS, openRoom, readOwnTag, startChat, write } from "../person";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

for (const colorScheme of ["light", "dark"] as const) {
  test(`every screen passes axe in ${colorScheme}, also with Arabic text in it`, async ({ somebody, browser }) => {
    const visitor = await (await browser.newContext({ colorScheme })).newPage();
    for (const path of ["/", "/sign-in", "/sign-up"]) {
      await visitor.goto(path);
      await expectNoViolations(visitor, path);
    }
    await visitor.context().close();

    const ana = await somebody({ name: "Ana", language: "en", context: { colorScheme } });
    const ben = await somebody({ name: "Ben", language: "en", context: { colorScheme } });
    await expect(ana.page.getByRole("heading", { name: "Welcome, Ana" })).toBeVisible();
    await expectNoViolations(ana.page, "/chat, empty");
    await ana.page.getByRole("button", { name: ana.t("rooms.newGroup") }).click();
    await expect(ana.page.getByRole("dialog")).toBeVisible();
    await expectNoViolations(ana.page, "/chat, new group");
    await ana.page.keyboard.press("Escape");
    await startChat(ben, await readOwnTag(ana));
    await write(ben, "مرحبا، كيف حالك اليوم؟");
    await write(ben, "with a link https://example.org/harbour");
    await openRoom(ana, "Ben");
    await expect(bubble(ana, "harbour")).toBeVisible({ timeout: LIVE_TIMEOUT_MS });
    const arabic = bubble(ana, "مرحبا").locator('[dir="auto"], [dir="rtl"]').first();
    expect(await arabic.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
    await expectNoViolations(ana.page, "/chat/room");
    await ana.page.getByRole("link", { name: ana.t("conversation.details") }).click();
    await expectNoViolations(ana.page, "/chat/room, details");
    await ana.page.goto("/settings");
    await expect(ana.page.getByRole("heading", { name: ana.t("settings.title") })).toBeVisible();
    await expectNoViolations(ana.page, "/settings");
  });
}

async function expectNoViolations(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  expect(found, where).toEqual([]);
}
