import type { BrowserContext, Page } from "playwright-core";
import type { Payload, Sink } from "./corpus/payload";

/**
 * The control: a page that puts each text where it runs. What fires here and nowhere in the product shows that the texts
 * are live and that `watch.ts` notices them.
 */
export interface CarelessPage {
  put(payload: Payload): Promise<void>;
}

export const CARELESS_ORIGIN = "http://careless.test";

export async function openCarelessPage(context: BrowserContext): Promise<CarelessPage> {
  await context.route(`${CARELESS_ORIGIN}/**`, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><meta charset=utf-8><body>" }),
  );
  const page: Page = await context.newPage();
  await page.goto(`${CARELESS_ORIGIN}/`);
  return {
    put: async ({ sink, text }) => {
      await page.evaluate(putIntoFrame, { sink, html: documentFor(sink, text), text });
    },
  };
}

/** The page that a careless server would send. */
function documentFor(sink: Sink, text: string): string {
  switch (sink) {
    case "attribute":
      return `<input value="${text}"><input value='${text}'><input value=${text}>`;
    case "script":
      return ['"', "'", "`"].flatMap((quote) => scriptsWith(text, quote)).join("");
    case "style":
      return `<style>${text}</style><p>x`;
    case "markdown":
      return renderMarkdown(text);
    case "html":
      return text;
    case "mutation":
    case "link":
    case "template":
    case "none":
      return "";
  }
}

/** As a variable, within a call, and after a half-hearted escaping of the quotes. */
function scriptsWith(text: string, quote: string): string[] {
  const strings = [`var a=${quote}${text}${quote};`, `f=Array;f([1,${quote}${text}${quote}]);`];
  const escaped = `var a=${quote}${text.replaceAll(quote, `\\${quote}`)}${quote};`;
  return [...strings, escaped].map((code) => `<script>${code}</script>`);
}

/** Keeps markup, and makes links of everything that looks like one. */
function renderMarkdown(text: string): string {
  return text
    .replaceAll(/!\[(.*?)\]\((.*)\)/gu, '<img alt="$1" src="$2">')
    .replaceAll(/\[(.*?)\]\(<?(.*?)>?(?: '.*')?\)$/gu, '<a href="$2">$1</a>')
    .replaceAll(/\[(.*?)\]\[1\]\s+\[1\]: (.*)/gu, '<a href="$2">$1</a>')
    .replaceAll(/<(javascript:.*)>/gu, '<a href="$1">x</a>');
}

/** Runs in the page: a fresh frame with the text in its place, and everything that a person could do to it. */
async function putIntoFrame({ sink, html, text }: { sink: Sink; html: string; text: string }): Promise<void> {
  document.body.replaceChildren();
  const frame = document.createElement("iframe");
  frame.srcdoc = `<!doctype html><meta charset=utf-8><body>${html}`;
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  document.body.append(frame);
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 500))]);
  const inner = frame.contentDocument;
  const view = frame.contentWindow as (Window & typeof globalThis) | null;
  if (inner === null || view === null) return;
  if (sink === "mutation") {
    inner.body.innerHTML = text;
    const written = inner.body.innerHTML;
    inner.body.innerHTML = written;
  }
  if (sink === "link") {
    const link = inner.createElement("a");
    link.href = text;
    inner.body.append(link);
  }
  if (sink === "template") {
    const code = text.replace(/^(?:\{\{\{|\{\{|[[][[]|<%[=-]|[$#]?\{+)/u, "").replace(/(?:[}\]]+|%>)$/u, "");
    view.eval(`(${code.replace(/^\w:/u, "")})`);
  }
  const events = [
    ...["mouseover", "pointerenter", "mousedown", "contextmenu", "dblclick", "keydown", "copy", "paste"],
    ...["dragstart", "wheel", "touchstart", "scroll", "beforeinput", "animationstart", "auxclick", "focus"],
    ...["blur", "input", "submit", "reset", "toggle", "beforetoggle", "close", "resize", "hashchange", "start"],
  ];
  for (const element of inner.querySelectorAll<HTMLElement>("*")) {
    for (const name of events) element.dispatchEvent(new Event(name));
    element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  }
  for (const name of ["resize", "hashchange"]) view.dispatchEvent(new Event(name));
}
