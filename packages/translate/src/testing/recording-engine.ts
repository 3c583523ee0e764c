import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codePoints } from "@ashchat/contracts/text";

/**
 * A translation server that speaks LibreTranslate's API, answers `[en] text` and counts what it is asked. It stands in
 * for a cloud engine, so that a run can tell every translation's origin and what it would have cost.
 */
export interface RecordingEngine {
  url: string;
  /** Calls per `text language`. */
  calls: ReadonlyMap<string, number>;
  /** HTTP requests for translations, and the code points in them: what a cloud engine bills. */
  totals(): { requests: number; codePoints: number };
  close(): Promise<void>;
}

const LANGUAGES = ["en", "es", "pt", "fr", "de", "it"];
const BODY_BYTES_MAX = 1_000_000;
const HOST = "127.0.0.1";

export function translationOf(text: string, language: string): string {
  return `[${language}] ${text}`;
}

export async function startRecordingEngine(port: number, delayMs: number): Promise<RecordingEngine> {
  const calls = new Map<string, number>();
  const totals = { requests: 0, codePoints: 0 };
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
      totals.requests += 1;
      for (const text of parsed.texts) {
        totals.codePoints += codePoints(text);
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
    totals: () => ({ ...totals }),
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
