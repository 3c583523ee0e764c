import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** One load of one page by a browser that has never been there. */
export interface PageLoad {
  /** Of every script that came, compressed one by one. */
  scriptGzipBytes: number;
  scripts: number;
  firstPaintMs: number;
  largestPaintMs: number;
  /** Total blocking time: what long tasks took beyond 50 ms each, from the first paint on. */
  blockedMs: number;
  /** When the page was painted and the last long task had ended. */
  usableMs: number;
}

export interface PageToLoad {
  url: string;
  cookies?: string;
  /** What must be there before the load counts as done; the heading where nothing is said. */
  shows?: string;
  /** Four times slower, over 10 Mbit/s and 40 ms; as fast as it goes otherwise. */
  isSlow: boolean;
}

const CPU_RATE = 4;
const LATENCY_MS = 40;
const BYTES_PER_SECOND = 1_250_000;
/** Nothing long has run for so long: the page has come to rest. */
const REST_MS = 1_500;
const REST_DEADLINE_MS = 60_000;
const POLL_MS = 250;
const LONG_TASK_MS = 50;

interface Timings {
  firstPaint: number;
  largestPaint: number;
  tasks: { start: number; duration: number }[];
  now: number;
}

export async function loadPage(browser: Browser, options: PageToLoad): Promise<PageLoad> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1_440, height: 900 } });
  try {
    await addCookies(context, options);
    const page = await context.newPage();
    const scripts = collectScripts(page);
    await page.addInitScript(observe);
    if (options.isSlow) await slowDown(page);
    await page.goto(options.url, { waitUntil: "load" });
    await page
      .locator(options.shows ?? "h1")
      .first()
      .waitFor();
    const timings = await atRest(page);
    const sizes = await Promise.all(scripts);
    return { ...loadOf(timings), scriptGzipBytes: sizes.reduce((sum, size) => sum + size, 0), scripts: sizes.length };
  } finally {
    await context.close();
  }
}

async function addCookies(context: BrowserContext, { url, cookies = "" }: PageToLoad): Promise<void> {
  const pairs = cookies.split("; ").filter((pair) => pair !== "");
  // For the whole site: the address of a page would give them its folder as path.
  const { origin } = new URL(url);
  await context.addCookies(
    pairs.map((pair) => ({
      name: pair.slice(0, pair.indexOf("=")),
      value: pair.slice(pair.indexOf("=") + 1),
      url: origin,
    })),
  );
}

function collectScripts(page: Page): Promise<number>[] {
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  return sizes;
}

async function slowDown(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_RATE });
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: BYTES_PER_SECOND,
    uploadThroughput: BYTES_PER_SECOND,
  });
}

/** Runs in the page: no function in it has a name, for the loader would mark it with a helper that no page has. */
function observe(): void {
  const timings: Omit<Timings, "now"> = { firstPaint: 0, largestPaint: 0, tasks: [] };
  Object.assign(window, { benchTimings: timings });
  for (const type of ["paint", "largest-contentful-paint", "longtask"]) {
    new PerformanceObserver((list) => {
      for (const { name, startTime, duration } of list.getEntries()) {
        if (name === "first-contentful-paint") timings.firstPaint = startTime;
        if (type === "largest-contentful-paint") timings.largestPaint = startTime;
        if (type === "longtask") timings.tasks.push({ start: startTime, duration });
      }
    }).observe({ type, buffered: true });
  }
}

async function atRest(page: Page): Promise<Timings> {
  const until = Date.now() + REST_DEADLINE_MS;
  while (Date.now() < until) {
    const timings = await page.evaluate((): Timings => {
      const { benchTimings } = window as unknown as { benchTimings: Omit<Timings, "now"> };
      return { ...benchTimings, now: performance.now() };
    });
    if (timings.firstPaint > 0 && timings.now - lastWorkOf(timings) > REST_MS) return timings;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${page.url()} did not come to rest`);
}

function lastWorkOf({ largestPaint, tasks }: Timings): number {
  return Math.max(largestPaint, ...tasks.map(({ start, duration }) => start + duration));
}

function loadOf(timings: Timings) {
  const after = timings.tasks.filter(({ start, duration }) => start + duration > timings.firstPaint);
  return {
    firstPaintMs: timings.firstPaint,
    largestPaintMs: timings.largestPaint,
    blockedMs: after.reduce((sum, { duration }) => sum + duration - LONG_TASK_MS, 0),
    usableMs: lastWorkOf(timings),
  };
}
