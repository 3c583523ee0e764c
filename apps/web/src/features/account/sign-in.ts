import * as z from "zod/mini";

/** A call that takes longer is over. */
const CALL_TIMEOUT_MS = 15_000;

/** Where next-auth leads whoever it lets in, and nobody else. */
const INSIDE = "/chat";

const csrfSchema = z.object({ csrfToken: z.string() });
/** Where next-auth would send a form without a script; what was refused stands there as `error`. */
const outcomeSchema = z.object({ url: z.string() });

/**
 * Asks for a session of this browser. Null = signed in, else the error code (as text, from the server). By next-auth's own
 * two requests but without its client, which leaves the page where the server does not answer and knows no deadline.
 */
export async function signInWithPassword(input: { email: string; password: string }): Promise<string | null> {
  try {
    const { csrfToken } = csrfSchema.parse(await (await ask("/api/auth/csrf")).json());
    const form = new URLSearchParams({ ...input, csrfToken, callbackUrl: INSIDE, json: "true" });
    const response = await ask("/api/auth/callback/credentials", { method: "POST", body: form });
    const { url } = outcomeSchema.parse(await response.json());
    const { pathname, searchParams } = new URL(url, window.location.origin);
    // Without its cookie (blocked, or run out in between) it leads to its own form and names no error.
    return searchParams.get("error") ?? (pathname === INSIDE ? null : "internal");
  } catch {
    // Nobody answered, or something else than next-auth.
    return "unavailable";
  }
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(path, { ...init, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
}
