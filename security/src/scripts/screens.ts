import { chromium, type Browser, type Page } from "playwright-core";
import { testEnv } from "@ashchat/runtime/testing";
import type { HouseAddresses } from "../house/start-house";
import { watchContext, type Watch } from "./watch";

/** A page in front of a person, with the policy that the product sends or without it. */
export interface Screen {
  readonly policy: "on" | "off";
  readonly page: Page;
  readonly watch: Watch;
}

/** Tall: the conversation draws only what is in sight. */
const VIEWPORT = { width: 1_300, height: 3_000 };
/** What Chromium itself says of a page that is not there. */
const NOT_FOUND = /Failed to load resource: the server responded with a status of 404/u;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: testEnv("ASH_TEST_CHROMIUM"),
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
}

/** The same person twice: without the policy, nothing but the page itself keeps a text from running. */
export async function openScreens(browser: Browser, house: HouseAddresses, cookie: string | null): Promise<Screen[]> {
  return Promise.all((["on", "off"] as const).map((policy) => openScreen({ browser, house, cookie, policy })));
}

interface ScreenOptions {
  readonly browser: Browser;
  readonly house: HouseAddresses;
  /** The session; null: a stranger. */
  readonly cookie: string | null;
  readonly policy: "on" | "off";
}

async function openScreen({ browser, house, cookie, policy }: ScreenOptions): Promise<Screen> {
  const context = await browser.newContext({ bypassCSP: policy === "off", viewport: VIEWPORT, locale: "en-GB" });
  const { webUrl, realtimeUrl, inboxUrl } = house;
  const origins = [webUrl, realtimeUrl, inboxUrl].map((url) => new URL(url).origin);
  const watch = await watchContext(context, { origins, expectedConsole: [NOT_FOUND] });
  if (cookie !== null) {
    const split = cookie.indexOf("=");
    await context.addCookies([{ name: cookie.slice(0, split), value: cookie.slice(split + 1), url: webUrl }]);
  }
  return { policy, page: await context.newPage(), watch };
}

/** What each screen noticed, by its policy; empty lists: nothing ran. */
export async function noticed(screens: readonly Screen[]): Promise<Record<string, string[]>> {
  // Whatever was started has its turn before it is looked at.
  await Promise.all(screens.map(({ page }) => page.evaluate(() => new Promise(requestAnimationFrame))));
  return Object.fromEntries(screens.map(({ policy, watch }) => [policy, watch.take()]));
}

export async function closeAll(screens: readonly Screen[]): Promise<void> {
  for (const { page } of screens) await page.context().close();
}

export const NOTHING = { on: [], off: [] };
