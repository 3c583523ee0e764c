import { afterAll, beforeAll, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { cases } from "../profile";
import { CARELESS_ORIGIN, openCarelessPage } from "./careless-page";
import { CORPUS } from "./corpus";
import { openBrowser } from "./screens";
import { CANARY_HOST, watchContext } from "./watch";

const FIRES_MS = 3_000;
const POLL_MS = 5;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => browser?.close());

it("the corpus has at least 300 distinct texts", () => {
  expect(new Set(CORPUS.map(({ text }) => text)).size).toBe(CORPUS.length);
  expect(CORPUS.length).toBeGreaterThanOrEqual(300);
});

it("every text that can run is noticed where a careless page puts it", async () => {
  const context = await browser.newContext();
  const watch = await watchContext(context, { origins: [CARELESS_ORIGIN] });
  const page = await openCarelessPage(context);
  const live = CORPUS.filter(({ sink }) => sink !== "none");
  const every = Math.ceil(live.length / cases({ short: 40, full: live.length }));
  const silent: string[] = [];
  for (const payload of live.filter((_, index) => index % every === 0)) {
    watch.take();
    await page.put(payload);
    const fired = await within(FIRES_MS, () => watch.take().some(isCanary));
    if (!fired) silent.push(`${payload.name} ${payload.text}`);
  }
  await context.close();
  expect(silent).toEqual([]);
});

const isCanary = (what: string) => what.includes("canary function") || what.includes(CANARY_HOST);

async function within(deadlineMs: number, isMet: () => boolean): Promise<boolean> {
  const until = Date.now() + deadlineMs;
  while (Date.now() < until) {
    if (isMet()) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}
