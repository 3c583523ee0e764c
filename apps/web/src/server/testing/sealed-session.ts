import type { SessionId, UserId } from "@ashchat/contracts/ids";
import { encode } from "next-auth/jwt";

/** The value of the cookie that a browser has after a sign-in: for those who put the session into the database themselves. */
export function sealSession(session: { userId: UserId; sessionId: SessionId }, secret: string): Promise<string> {
  return encode({ token: { sub: session.userId, sessionId: session.sessionId }, secret });
}
