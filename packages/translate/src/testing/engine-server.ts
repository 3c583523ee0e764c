import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How the server answers a translation: as its API says, or as a broken service would. */
export type Behaviour =
  | "honest"
  | "hangs"
  | "status 429"
  | "status 500"
  | "status 400"
  | "wrong count"
  | "empty"
  | "html page"
  | "html entities"
  | "ten times as long"
  | "loses placeholders"
  | "repeats placeholders"
  | "too large"
  | "other shape"
  | "control characters";

export type Dialect = "google" | "libretranslate" | "apertium";

/** What one request asked for. */
export interface AskedFor {
  readonly texts: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly format: string | null;
  readonly key: string | null;
}

export interface EngineServer {
  /** What the engine's adapter wants as its address. */
  readonly url: string;
  readonly asked: AskedFor[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Languages that every dialect offers here, by its own names. */
const OFFERED: Readonly<Record<Dialect, readonly string[]>> = {
  google: ["en", "es", "fr", "pt", "zh-CN", "iw", "xx"],
  libretranslate: ["en", "es", "fr", "pt", "zh-Hans", "xx"],
  apertium: ["eng", "spa", "por", "eus"],
};

/**
 * A local server that speaks the API of a translation service as far as the adapters use it, and lies on demand. It
 * "translates" by turning every word around and naming the language: order and count can be checked, nothing else.
 */
export async function startEngineServer(dialect: Dialect, behaviour: Behaviour = "honest"): Promise<EngineServer> {
  let current = behaviour;
  const asked: AskedFor[] = [];
  const server = createServer((req, res) => {
    void answer(req, res).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined));
  });

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", "http://local");
    if (req.method === "GET") return send(res, 200, offerOf(dialect));
    const request = read(dialect, url, await bodyOf(req));
    asked.push(request);
    if (current === "hangs") return;
    if (current.startsWith("status "))
      return send(res, Number(current.slice(7)), errorOf(dialect, Number(current.slice(7))));
    if (current === "html page")
      return void res.setHeader("content-type", "text/html").end("<html><body>Sorry</body></html>");
    if (current === "other shape") return send(res, 200, { data: null, responseData: [], translatedText: { no: 1 } });
    if (current === "too large") return send(res, 200, envelope(dialect, ["x".repeat(3_000_000)]));
    send(res, 200, envelope(dialect, speak(request, current, dialect)));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${dialect === "google" ? "/language/translate/v2" : ""}`,
    asked,
    behave(next) {
      current = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What an honest server makes of `text`. */
export function pretendTranslation(text: string, to: string): string {
  const words = text.replaceAll(/(?<![⟦\p{N}\p{L}])\p{L}+/gu, (word) =>
    Array.from(word).reverse().join("").toLowerCase(),
  );
  return `${words} ${to.slice(0, 2)}`;
}

function speak(request: AskedFor, behaviour: Behaviour, dialect: Dialect): string[] {
  if (dialect === "apertium") return [speakSentences(request, behaviour)];
  const texts = request.texts.map((text) => distort(pretendTranslation(text, request.to), behaviour));
  return behaviour === "wrong count" && texts.length > 0 ? texts.slice(1) : texts;
}

/** Apertium gets all texts as one, a sentence a paragraph, each closed with a full stop. */
function speakSentences(request: AskedFor, behaviour: Behaviour): string {
  const sentences = (request.texts[0] ?? "").split("\n\n").map((sentence) => {
    const core = sentence.replace(/ \.$/u, "");
    return `${distort(pretendTranslation(core, request.to), behaviour)}.`;
  });
  return (behaviour === "wrong count" ? sentences.slice(1) : sentences).join("\n\n");
}

function distort(text: string, behaviour: Behaviour): string {
  if (behaviour === "empty") return "";
  if (behaviour === "html entities") return `${text} &#39;`;
  if (behaviour === "ten times as long") return text.repeat(100);
  if (behaviour === "loses placeholders") return text.replaceAll(/⟦\d+⟧/gu, "");
  if (behaviour === "repeats placeholders") return text.replaceAll(/⟦\d+⟧/gu, "$&$&");
  if (behaviour === "control characters") return `${text}\u0007\u202E`;
  return text;
}

function read(dialect: Dialect, url: URL, body: string): AskedFor {
  if (dialect === "apertium") {
    const form = new URLSearchParams(body);
    const [from = "", to = ""] = (form.get("langpair") ?? "").split("|");
    return { texts: [form.get("q") ?? ""], from, to, format: null, key: null };
  }
  const json = JSON.parse(body) as { q: string[]; source: string; target: string; format?: string; api_key?: string };
  const key = json.api_key ?? url.searchParams.get("key");
  return { texts: json.q, from: json.source, to: json.target, format: json.format ?? null, key };
}

function offerOf(dialect: Dialect): unknown {
  const codes = OFFERED[dialect];
  if (dialect === "google") return { data: { languages: codes.map((language) => ({ language })) } };
  if (dialect === "libretranslate") return codes.map((code) => ({ code, name: code, targets: codes }));
  const pairs = [
    ["eng", "spa"],
    ["spa", "eng"],
    ["spa", "por"],
    ["eus", "spa"],
  ];
  return { responseData: pairs.map(([sourceLanguage, targetLanguage]) => ({ sourceLanguage, targetLanguage })) };
}

function errorOf(dialect: Dialect, code: number): unknown {
  return { error: dialect === "google" ? { code, message: "as told", errors: [] } : "as told" };
}

function envelope(dialect: Dialect, texts: readonly string[]): unknown {
  if (dialect === "google") return { data: { translations: texts.map((translatedText) => ({ translatedText })) } };
  if (dialect === "libretranslate") return { translatedText: texts };
  return { responseData: { translatedText: texts[0] ?? "" }, responseStatus: 200 };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of req) body += String(chunk);
  return body;
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
