import { sessionIdSchema, userIdSchema, type SessionId, type UserId } from "@ashchat/contracts/ids";
import { decode } from "next-auth/jwt";
import { cookieName, hiddenCookie } from "../http/cookies";
import { isSecure, type WebEnv } from "../env";

/** What the sealed cookie of a signed-in browser says. Whether that session still lives, only `sessions` knows. */
export interface SessionToken {
  readonly userId: UserId;
  readonly sessionId: SessionId;
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
  try {
    return parseSessionToken(await decode({ token, secret: env.NEXTAUTH_SECRET }));
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
