import { sessionIdSchema, userIdSchema, type SessionId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { decode } from "next-auth/jwt";
import { cookieName, hiddenCookie } from "../http/cookies";
import { isSecure, type WebEnv } from "../env";

/** What the sealed cookie of a signed-in browser says. Whether that session still lives, only `sessions` knows. */
export interface SessionToken {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

/**
 * Cookies that were opened lately, the last used at the end: the library derives its key anew for each, an eighth of what a request costs. What a
 * cookie says never changes; whether its session still lives is asked each time.
 */
const openedCookies = new Map<string, { readonly token: SessionToken; readonly expiresAt: number }>();

function recallOpened(key: string): SessionToken | null {
  const known = openedCookies.get(key);
  if (known === undefined) return null;
  openedCookies.delete(key);
  if (known.expiresAt <= Date.now()) return null;
  openedCookies.set(key, known);
  return known.token;
}

function rememberOpened(key: string, token: SessionToken, expiresAt: number): void {
  const [oldest] = openedCookies.keys();
  if (openedCookies.size >= LIMITS.openedCookiesMax && oldest !== undefined) openedCookies.delete(oldest);
  openedCookies.set(key, { token, expiresAt });
}

const SESSION_COOKIE = "next-auth.session-token";

export function sessionCookieName(env: Pick<WebEnv, "PUBLIC_URL">): string {
  return cookieName(SESSION_COOKIE, isSecure(env));
}

/** Null without a cookie, and for one that is forged, expired or of another shape. */
export async function readSessionToken(
  cookies: ReadonlyMap<string, string>,
  env: Pick<WebEnv, "PUBLIC_URL" | "NEXTAUTH_SECRET">,
): Promise<SessionToken | null> {
  const token = cookies.get(sessionCookieName(env));
  if (token === undefined) return null;
  // Sealed with another secret it is another cookie.
  const key = `${env.NEXTAUTH_SECRET} ${token}`;
  const known = recallOpened(key);
  if (known !== null) return known;
  try {
    const payload = await decode({ token, secret: env.NEXTAUTH_SECRET });
    const opened = parseSessionToken(payload);
    if (opened !== null && typeof payload?.["exp"] === "number") rememberOpened(key, opened, payload["exp"] * 1_000);
    return opened;
  } catch {
    // The library throws for every token that it did not seal itself: nobody is signed in with that.
    return null;
  }
}

export function parseSessionToken(payload: unknown): SessionToken | null {
  if (typeof payload !== "object" || payload === null) return null;
  const userId = userIdSchema.safeParse(Reflect.get(payload, "sub"));
  const sessionId = sessionIdSchema.safeParse(Reflect.get(payload, "sessionId"));
  return userId.success && sessionId.success ? { userId: userId.data, sessionId: sessionId.data } : null;
}

/** Takes the cookie away. */
export function endedSessionCookie(env: Pick<WebEnv, "PUBLIC_URL">): string {
  return hiddenCookie(SESSION_COOKIE, { value: "", maxAgeS: 0, secure: isSecure(env) });
}
