import type { SessionView } from "@ashchat/contracts/api";
import { appError } from "@ashchat/contracts/errors";
import type { SessionId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Announcer, Clock, Outcome, Session, SessionCaller, SessionStore } from "../ports";

/** The session if it is live, else `session_revoked`. Notes the use, at most once in LIMITS.sessionTouchMs. */
export async function checkSession(
  deps: { sessions: Pick<SessionStore, "find" | "touch">; clock: Clock },
  input: { sessionId: SessionId },
): Outcome<Session> {
  const found = await deps.sessions.find(input.sessionId);
  if (!found.ok) return found;
  const session = found.value;
  const now = deps.clock.now();
  if (session === null || session.revokedAt !== null || session.expiresAt <= now) {
    return fail(appError("session_revoked", "unknown, revoked or expired session"));
  }
  if (now - session.lastSeenAt < LIMITS.sessionTouchMs) return ok(session);
  const touched = await deps.sessions.touch(session.sessionId, now);
  return touched.ok ? ok({ ...session, lastSeenAt: now }) : touched;
}

/** The caller's live sessions, newest use first. */
export async function listSessions(
  deps: { sessions: Pick<SessionStore, "listLive">; clock: Clock },
  caller: SessionCaller,
): Outcome<SessionView[]> {
  const live = await deps.sessions.listLive(caller.userId, deps.clock.now());
  if (!live.ok) return live;
  return ok(
    live.value.map(({ sessionId, device, createdAt, lastSeenAt }) => ({
      sessionId,
      device,
      createdAt,
      lastSeenAt,
      current: sessionId === caller.sessionId,
    })),
  );
}

export interface RevokeSessionDeps {
  sessions: Pick<SessionStore, "revoke" | "find">;
  announcer: Announcer;
  clock: Clock;
}

/**
 * Ends one of the caller's sessions (also the present one: signing out) and has its sockets closed. Repeating it announces it again,
 * should the first announcement be what was lost. `not_found` for another person's.
 */
export async function revokeSession(
  deps: RevokeSessionDeps,
  caller: SessionCaller,
  input: { sessionId: SessionId },
): Outcome<void> {
  const { userId } = caller;
  const revoked = await deps.sessions.revoke(userId, input.sessionId, deps.clock.now());
  if (!revoked.ok) return revoked;
  if (revoked.value === null) {
    const found = await deps.sessions.find(input.sessionId);
    if (!found.ok) return found;
    if (found.value?.userId !== userId) return fail(appError("not_found", "no such session of this person"));
  }
  deps.announcer.announce({ kind: "session_revoked", userId, sessionId: input.sessionId });
  return ok(undefined);
}

/** Ends every session of the caller but this one; returns how many. */
export async function revokeOtherSessions(
  deps: RevokeSessionDeps & { sessions: Pick<SessionStore, "revoke" | "find" | "listLive"> },
  caller: SessionCaller,
): Outcome<number> {
  const live = await deps.sessions.listLive(caller.userId, deps.clock.now());
  if (!live.ok) return live;
  const others = live.value.filter((session) => session.sessionId !== caller.sessionId);
  for (const { sessionId } of others) {
    const revoked = await revokeSession(deps, caller, { sessionId });
    if (!revoked.ok) return revoked;
  }
  return ok(others.length);
}
