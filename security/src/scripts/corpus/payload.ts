/**
 * Where a careless page would put a text so that it runs. `html`: into the page; `mutation`: into the page, read back and
 * put in again; `attribute`: between quotes of a tag; `script`: between quotes of a script; `link`: as an address that is
 * followed; `style`: into a style sheet; `template`: through a template that evaluates; `markdown`: through a renderer that
 * keeps markup; `none`: nothing runs it, it must only be shown as written.
 */
export type Sink = "html" | "mutation" | "attribute" | "script" | "link" | "style" | "template" | "markdown" | "none";

export interface Payload {
  /** `handlers 17`: names it in failures. */
  readonly name: string;
  readonly sink: Sink;
  readonly text: string;
}

/** `pwn` is the canary function and `c.test` the canary host of `watch.ts`: short, because names have 60 characters. */
export function family(name: string, sink: Sink, texts: readonly string[]): Payload[] {
  return texts.map((text, index) => ({ name: `${name} ${index + 1}`, sink, text }));
}
