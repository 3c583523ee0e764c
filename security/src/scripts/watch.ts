import type { BrowserContext, Page, Request } from "playwright-core";

/**
 * Notices whatever a text does besides being read: calls of the canary function and of the browser's dialogs, requests to
 * hosts that are not ours, windows, navigations, refusals of the content security policy, errors in the console.
 */
export interface Watch {
  /** What happened since the last call, in order; empty: nothing ran. */
  take(): string[];
}

export interface WatchOptions {
  /** Origins that the pages may talk to. */
  readonly origins: readonly string[];
  /** Messages of the console that the attack itself causes, such as those of a page that is not there. */
  readonly expectedConsole?: readonly RegExp[];
}

/** Requests to it are noted and go nowhere. */
export const CANARY_HOST = "c.test";
const INNER_SCHEMES = new Set(["data:", "blob:", "about:", "javascript:"]);

export async function watchContext(context: BrowserContext, options: WatchOptions): Promise<Watch> {
  const seen: string[] = [];
  const note = (what: string) => void seen.push(what);
  await context.exposeBinding("pwn", () => note("the canary function was called"));
  await context.exposeBinding("noteForeign", (_source, what: unknown) => note(String(what)));
  await context.addInitScript(listenInPage);
  await context.route(
    (url) => url.hostname === CANARY_HOST,
    (route) => route.abort(),
  );
  context.on("request", (request) => noteRequest(request, options, note));
  context.on("page", (page) => watchPage(page, options, note));
  return { take: () => seen.splice(0) };
}

function noteRequest(request: Request, { origins }: WatchOptions, note: (what: string) => void): void {
  const url = new URL(request.url());
  if (!INNER_SCHEMES.has(url.protocol) && !origins.includes(url.origin)) note(`a request to ${url.href}`);
}

function watchPage(page: Page, options: WatchOptions, note: (what: string) => void): void {
  void page.opener().then((opener) => opener !== null && note(`a window was opened: ${page.url()}`));
  page.on("dialog", (dialog) => {
    note(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => note(`an error in the page: ${error.message}`));
  page.on("download", (download) => note(`a download: ${download.url()}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const expected = options.expectedConsole?.some((pattern) => pattern.test(message.text())) ?? false;
    if (!expected) note(`the console says: ${message.text()}`);
  });
}

/** Runs in every frame before its own scripts. */
function listenInPage(): void {
  const { noteForeign } = window as unknown as { noteForeign: (what: string) => void };
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    noteForeign(`the policy refused ${effectiveDirective} ${blockedURI}`);
  });
}
