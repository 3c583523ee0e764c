import { appError } from "@ashchat/contracts/errors";
import type { CorrelationId, SessionId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type {
  Account,
  AccountStore,
  Announcer,
  Clock,
  Device,
  Outcome,
  PasswordHasher,
  Session,
  SessionStore,
} from "../ports";
import { revokeSession } from "./sessions";

export interface SignInDeps {
  accounts: Pick<AccountStore, "findByEmail">;
  passwords: Pick<PasswordHasher, "verify">;
  sessions: Pick<SessionStore, "insert" | "listLive" | "revoke" | "find">;
  announcer: Announcer;
  clock: Clock;
  newSessionId(): SessionId;
}

export interface SignInInput {
  email: string;
  password: string;
  device: Device;
  correlationId: CorrelationId;
}

/**
 * A new session for the right password. An unknown address costs the same work and gets the same answer, `wrong_credentials`.
 * Beyond LIMITS.sessionsPerUserMax the session that was used longest ago ends.
 */
export async function signIn(deps: SignInDeps, input: SignInInput): Outcome<{ session: Session; account: Account }> {
  const account = await deps.accounts.findByEmail(input.email);
  if (!account.ok) return account;
  const isRight = await deps.passwords.verify(account.value?.passwordHash ?? null, input.password);
  if (!isRight.ok) return isRight;
  if (account.value === null || !isRight.value) return fail(appError("wrong_credentials", "address or password"));

  const now = deps.clock.now();
  const session: Session = {
    sessionId: deps.newSessionId(),
    userId: account.value.userId,
    device: input.device,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + LIMITS.sessionTtlMs,
    revokedAt: null,
  };
  const space = await makeSpace(deps, session, input.correlationId);
  if (!space.ok) return space;
  const inserted = await deps.sessions.insert(session);
  return inserted.ok ? ok({ session, account: account.value }) : inserted;
}

async function makeSpace(deps: SignInDeps, session: Session, correlationId: CorrelationId): Outcome<void> {
  const { userId, sessionId } = session;
  const live = await deps.sessions.listLive(userId, session.createdAt);
  if (!live.ok) return live;
  const surplus = live.value.slice(LIMITS.sessionsPerUserMax - 1);
  for (const old of surplus) {
    const revoked = await revokeSession(deps, { userId, sessionId, correlationId }, { sessionId: old.sessionId });
    if (!revoked.ok) return revoked;
  }
  return ok(undefined);
}
