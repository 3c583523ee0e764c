import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A translation server that speaks LibreTranslate's API, answers `[en] text` and counts what it is asked. It stands in
 * for a cloud engine, so that a run can tell every translation's origin.
 */
export interface RecordingEngine {
  url: string;
  /** Calls per `text language`. */
  calls: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const LANGUAGES = ["en", "es", "pt", "fr"];
const BODY_BYTES_MAX = 1_000_000;
const HOST = "127.0.0.1";

export function translationOf(text: string, language: string): string {
  return `[${language}] ${text}`;
}

export async function startRecordingEngine(port: number, delayMs: number): Promise<RecordingEngine> {
  const calls = new Map<string, number>();
  const server = createServer((req, res) => {
    const answer = (status: number, body: unknown) => {
      res.writeHead(status, { "content-type": "application/json" });
      res.end(JSON.stringify(body));
    };
    if (req.url?.startsWith("/languages")) {
      answer(
        200,
        LANGUAGES.map((code) => ({ code, name: code, targets: LANGUAGES })),
      );
      return;
    }
    let body = "";
    req.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8");
      if (body.length > BODY_BYTES_MAX) req.destroy();
    });
    req.on("end", () => {
      const parsed = parseRequest(body);
      if (parsed === null) return answer(400, { error: "bad request" });
      for (const text of parsed.texts) {
        const key = `${text} ${parsed.target}`;
        calls.set(key, (calls.get(key) ?? 0) + 1);
      }
      const translated = parsed.texts.map((text) => translationOf(text, parsed.target));
      setTimeout(() => answer(200, { translatedText: parsed.single ? translated[0] : translated }), delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${actual}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** LibreTranslate takes JSON or a form; `q` is a text or a list. */
function parseRequest(body: string): { texts: string[]; single: boolean; target: string } | null {
  const fields = body.startsWith("{") ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
  const q = fields?.["q"];
  const target = fields?.["target"];
  if (typeof target !== "string") return null;
  if (typeof q === "string") return { texts: [q], single: true, target };
  if (Array.isArray(q) && q.every((text) => typeof text === "string")) return { texts: q, single: false, target };
  return null;
}

function parseJson(body: string): Record<string, unknown> | null {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return null;
  }
}
