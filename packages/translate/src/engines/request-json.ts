import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { engineFailure, type EngineFailure, type EngineFailureReason } from "../engine";

export interface JsonRequest {
  readonly url: URL;
  /** A form or JSON; null asks with GET. */
  readonly body: URLSearchParams | Readonly<Record<string, unknown>> | null;
  readonly signal: AbortSignal;
}

/**
 * Asks an engine over HTTP: no redirects, at most LIMITS.engineAnswerBytesMax, JSON only. Failures name the status, never
 * what was sent or what came back: both are somebody's message.
 */
export async function requestJson(request: JsonRequest): Promise<Result<unknown, EngineFailure>> {
  try {
    const response = await fetch(request.url, { ...encode(request.body), redirect: "error", signal: request.signal });
    if (!response.ok) {
      await response.body?.cancel();
      return fail(engineFailure(reasonOfStatus(response.status), `HTTP status ${response.status}`));
    }
    const text = await readBounded(response);
    return text === null ? fail(engineFailure("malformed", "the answer is too large")) : parseJson(text);
  } catch (error) {
    return fail(failureOf(error, request.signal));
  }
}

/** What an HTTP status of an engine means for the caller. */
export function reasonOfStatus(status: number): EngineFailureReason {
  if (status === 429) return "rate_limited";
  if (status === 408 || status === 504) return "timeout";
  // What a program says that broke on a text, while 503 and its like speak of its house.
  if (status === 500) return "crashed";
  if (status >= 500) return "unavailable";
  // A wrong key or a suspended account is nothing that the text can help: other texts would fare the same.
  if (status === 401 || status === 402 || status === 403 || status === 404) return "unavailable";
  return "refused";
}

/** A thrown connection error or abort as a failure. */
export function failureOf(error: unknown, signal: AbortSignal): EngineFailure {
  if (signal.aborted) return engineFailure("timeout", "no answer in time");
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return engineFailure("unreachable", `no connection ${code}`.trim());
}

function encode(body: JsonRequest["body"]): RequestInit {
  if (body === null) return { method: "GET" };
  if (body instanceof URLSearchParams) return { method: "POST", body };
  return { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

async function readBounded(response: Response): Promise<string | null> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body) {
    sizeBytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (sizeBytes > LIMITS.engineAnswerBytesMax) return null;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parseJson(text: string): Result<unknown, EngineFailure> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return fail(engineFailure("malformed", "the answer is not JSON"));
  }
}

/** `path` below the address of a server, which may itself have a path. */
export function addressOf(url: string, path: string): URL {
  return new URL(path, url.endsWith("/") ? url : `${url}/`);
}
