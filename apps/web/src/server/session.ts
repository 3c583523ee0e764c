import type { SessionId, UserId } from "@ashchat/contracts/ids";
import { cookies } from "next/headers";
import { readSession } from "./auth/read-session";
import { readSessionToken } from "./auth/session-token";
import { services } from "./container";

export interface CurrentSession {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

/**
 * Who is asking for this page, or null. While the database cannot be asked, whoever brings a sealed cookie counts as signed
 * in: the page holds nothing of theirs, and each of its calls asks again.
 */
export async function currentSession(): Promise<CurrentSession | null> {
  const jar = new Map((await cookies()).getAll().map(({ name, value }) => [name, value]));
  const house = await services();
  const session = await readSession(house, jar);
  if (session.ok) return { userId: session.value.userId, sessionId: session.value.sessionId };
  return session.error.retryable ? readSessionToken(jar, house.env) : null;
}
