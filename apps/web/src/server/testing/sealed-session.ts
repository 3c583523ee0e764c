import type { SessionId, UserId } from "@ashchat/contracts/ids";
import { encode, type JWT } from "next-auth/jwt";

/** The value of the cookie that a browser has after a sign-in: for those who put the session into the database themselves. */
export function sealSession(session: { userId: UserId; sessionId: SessionId }, secret: string): Promise<string> {
  return sealToken({ sub: session.userId, sessionId: session.sessionId }, secret);
}

/** Any content under the seal of whoever has the secret; `ttlSeconds` may be negative. */
export function sealToken(content: JWT, secret: string, ttlSeconds?: number): Promise<string> {
  return encode({ token: content, secret, ...(ttlSeconds === undefined ? {} : { maxAge: ttlSeconds }) });
}
