import { chromium, type Browser } from "playwright-core";
import type { BenchOptions } from "../main";
import { differencesOf, ratiosOf, spreadOf, spreadText } from "../stats";
import { startBareNext } from "../web/bare-next";
import { loadPage, type PageLoad, type PageToLoad } from "../web/load-page";
import { startProduct } from "../web/product";

const PAGES = ["bare page", "sign-in", "room list", "conversation"] as const;
type PageName = (typeof PAGES)[number];
type Loads = Record<PageName, PageLoad[]>;

const ROUNDS = 3;
const KB = 1_000;
/** After those of the product. */
const BARE_PORT_OFFSET = 20;

/**
 * Rows 14 and 15: what a browser without a cache loads of scripts, and when the page can be used at a fourth of the processor's
 * speed over 10 Mbit/s, beside a page of the same Next.js with nothing on it.
 */
export async function measureWeb(options: BenchOptions): Promise<void> {
  const bare = await startBareNext(options.firstPort + BARE_PORT_OFFSET);
  const product = await startProduct(options);
  const browser = await chromium.launch({
    executablePath: process.env["ASH_TEST_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
  const { cookies } = product;
  const pages: Record<PageName, Omit<PageToLoad, "isSlow">> = {
    "bare page": { url: bare.url },
    "sign-in": { url: `${product.url}/sign-in` },
    "room list": { url: `${product.url}/chat`, cookies, shows: "nav a" },
    conversation: { url: `${product.url}/chat/${product.roomId}`, cookies, shows: "article" },
  };
  try {
    // Servers compile and read on the first request of each page.
    for (const name of PAGES) await loadPage(browser, { ...pages[name], isSlow: false });
    report(await loadInRounds(browser, pages, options.smoke ? 1 : ROUNDS));
  } finally {
    await browser.close();
    await product.stop();
    await bare.stop();
  }
}

async function loadInRounds(
  browser: Browser,
  pages: Readonly<Record<PageName, Omit<PageToLoad, "isSlow">>>,
  rounds: number,
): Promise<Loads> {
  const loads: Loads = { "bare page": [], "sign-in": [], "room list": [], conversation: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of PAGES) loads[name].push(await loadPage(browser, { ...pages[name], isSlow: true }));
  }
  return loads;
}

function report(loads: Loads): void {
  console.log("\nfirst load, cold cache, processor 4 times slower, 10 Mbit/s, 40 ms");
  const values = (name: PageName, field: keyof PageLoad) => loads[name].map((load) => load[field]);
  for (const name of PAGES) {
    const figure = (field: keyof PageLoad, digits = 0) => spreadText(spreadOf(values(name, field)), digits);
    const kilobytes = values(name, "scriptGzipBytes").map((bytes) => bytes / KB);
    console.log(
      `  ${name}: ${spreadText(spreadOf(kilobytes), 1)} KB of scripts (gzip, ${figure("scripts")} files), FCP ${figure("firstPaintMs")} ms, ` +
        `LCP ${figure("largestPaintMs")} ms, TBT ${figure("blockedMs")} ms, usable after ${figure("usableMs")} ms`,
    );
    if (name === "bare page") continue;
    const floor = (field: keyof PageLoad) => values("bare page", field);
    const more = differencesOf(
      kilobytes,
      floor("scriptGzipBytes").map((bytes) => bytes / KB),
    );
    const ratio = (field: keyof PageLoad) => spreadText(ratiosOf(values(name, field), floor(field)), 2);
    console.log(
      `    beside the bare page: + ${spreadText(more, 1)} KB, ${ratio("largestPaintMs")}x LCP, ${ratio("usableMs")}x until usable`,
    );
  }
}
