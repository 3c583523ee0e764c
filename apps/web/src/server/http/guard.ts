import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";

export interface GuardOptions {
  readonly PUBLIC_URL: string;
}

/**
 * Whether a request comes from a page of ours. Browsers say so themselves: Origin on every POST, Sec-Fetch-Site on all.
 * Reading may do without (programs send neither, and a foreign page cannot read the answer), changing may not.
 */
export function checkOrigin(request: Request, { PUBLIC_URL }: GuardOptions): Result<void> {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (origin !== null && origin !== new URL(PUBLIC_URL).origin) return refused();
  if (site !== null && site !== "same-origin" && !(isRead && site === "none")) return refused();
  return origin !== null || site === "same-origin" || isRead ? ok(undefined) : refused();
}

function refused(): { ok: false; error: AppError } {
  return fail(appError("origin_refused", "not from a page of this installation"));
}

/** The body as text; null when it is larger than `bytesMax`, of which no more is read. */
export async function readBody(request: Request, bytesMax: number = LIMITS.trpcBodyBytesMax): Promise<string | null> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > bytesMax) return null;
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString("utf8");
    size += value.byteLength;
    if (size > bytesMax) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
}

export function isJson(request: Request): boolean {
  return request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() === "application/json";
}
