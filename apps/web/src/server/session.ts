import type { SessionId, UserId } from "@ashchat/contracts/ids";
import { cookies } from "next/headers";
import { readSession } from "./auth/read-session";
import { readSessionToken } from "./auth/session-token";
import { services } from "./container";

export interface CurrentSession {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** The database was asked and knows the session. */
  readonly isConfirmed: boolean;
}

/**
 * Who is asking for this page, or null. While the database cannot be asked, whoever brings a sealed cookie counts as signed
 * in: the page then holds nothing of theirs, and each of its calls asks again.
 */
export async function currentSession(): Promise<CurrentSession | null> {
  const jar = new Map((await cookies()).getAll().map(({ name, value }) => [name, value]));
  const house = await services();
  const session = await readSession(house, jar);
  if (session.ok) {
    const { userId, sessionId } = session.value;
    return { userId, sessionId, isConfirmed: true };
  }
  const token = session.error.retryable ? await readSessionToken(jar, house.env) : null;
  return token === null ? null : { userId: token.userId, sessionId: token.sessionId, isConfirmed: false };
}
