import { appError } from "@ashchat/contracts/errors";
import { fail } from "@ashchat/contracts/result";
import { checkSession } from "@ashchat/core/account/sessions";
import type { Outcome, Session } from "@ashchat/core/ports";
import type { Services } from "../services";
import { readSessionToken } from "./session-token";

/** The live session of these cookies. `not_signed_in` without one, `session_revoked` for one that has ended. */
export async function readSession(
  { env, database, clock }: Pick<Services, "env" | "database" | "clock">,
  cookies: ReadonlyMap<string, string>,
): Outcome<Session> {
  const token = await readSessionToken(cookies, env);
  if (token === null) return fail(appError("not_signed_in", "no session cookie"));
  const session = await checkSession({ sessions: database.stores.sessions, clock }, { sessionId: token.sessionId });
  if (!session.ok || session.value.userId === token.userId) return session;
  return fail(appError("session_revoked", "the session is another person's"));
}
