import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { describe, expect, test } from "vitest";
import type { Account, Session } from "../ports";
import { ANA, answering, BEN, callerOf, clock, NOW, outcomeOf, recorder } from "../testing/fakes";
import { checkSession, listSessions, revokeOtherSessions, revokeSession } from "./sessions";
import { signIn, type SignInDeps } from "./sign-in";

const ACCOUNT: Account = {
  userId: ANA,
  email: "ana@example.org",
  passwordHash: "hash",
  uiLanguage: "es",
  pendingProfile: null,
  createdAt: 1,
};
const DEVICE = { name: "Firefox", os: "Linux" };

function session(overrides: Partial<Session> = {}): Session {
  return {
    sessionId: newId("ses"),
    userId: ANA,
    device: DEVICE,
    createdAt: 1,
    lastSeenAt: NOW,
    expiresAt: NOW + 1,
    revokedAt: null,
    ...overrides,
  };
}

/** Sessions of ANA as a list, newest use first. */
function setUp(stored: Session[], account: Account | null = ACCOUNT) {
  const world = recorder();
  const verified: (string | null)[] = [];
  const touched: number[] = [];
  const deps: SignInDeps = {
    announcer: world.announcer,
    clock,
    newSessionId: () => newId("ses"),
    accounts: { findByEmail: () => answering(account) },
    passwords: {
      verify: (hash, password) => {
        verified.push(hash);
        return answering(hash !== null && password === "right");
      },
    },
    sessions: {
      insert: (one) => {
        stored.push(one);
        return answering(undefined);
      },
      listLive: () => answering(stored.filter((one) => one.revokedAt === null)),
      find: (sessionId) => answering(stored.find((one) => one.sessionId === sessionId) ?? null),
      revoke: (userId, sessionId, at) => {
        const found = stored.find(
          (one) => one.sessionId === sessionId && one.userId === userId && one.revokedAt === null,
        );
        if (found !== undefined) found.revokedAt = at;
        return answering(found ?? null);
      },
    },
  };
  const touch = (_id: unknown, at: number) => {
    touched.push(at);
    return answering(undefined);
  };
  return { deps, verified, touched, checkDeps: { clock, sessions: { ...deps.sessions, touch } }, ...world };
}

const credentials = (password: string) => ({
  email: ACCOUNT.email,
  password,
  device: DEVICE,
  correlationId: "correlation-1",
});
const caller = (sessionId: Session["sessionId"]) => ({ ...callerOf(ANA), sessionId });

describe("signing in", () => {
  test("the right password makes a session that is checked on the server", async () => {
    const stored: Session[] = [];
    const outcome = outcomeOf(await signIn(setUp(stored).deps, credentials("right")));
    expect(stored).toMatchObject([
      { userId: ANA, device: DEVICE, createdAt: NOW, expiresAt: NOW + LIMITS.sessionTtlMs, revokedAt: null },
    ]);
    expect(outcome).toEqual({ session: stored[0], account: ACCOUNT });
  });

  test("a wrong password and an unknown address: the same answer for the same work, and no session", async () => {
    const known = setUp([]);
    const unknown = setUp([], null);
    const answers = [
      outcomeOf(await signIn(known.deps, credentials("wrong"))),
      outcomeOf(await signIn(unknown.deps, credentials("right"))),
    ];
    expect(answers).toEqual([{ code: "wrong_credentials" }, { code: "wrong_credentials" }]);
    expect([known.verified, unknown.verified]).toEqual([["hash"], [null]]);
  });

  test("P11: sessions are bounded: the one used longest ago ends, and its sockets with it", async () => {
    const stored = Array.from({ length: LIMITS.sessionsPerUserMax }, (_, index) =>
      session({ lastSeenAt: NOW - index }),
    );
    const oldest = stored.at(-1);
    const { deps, announced } = setUp(stored);
    await signIn(deps, credentials("right"));
    expect(announced).toEqual([{ kind: "session_revoked", userId: ANA, sessionId: oldest?.sessionId }]);
    expect(stored.filter((one) => one.revokedAt === null)).toHaveLength(LIMITS.sessionsPerUserMax);
  });
});

describe("P13: sessions", () => {
  test.each([
    ["unknown", []],
    ["revoked", [session({ revokedAt: 1 })]],
    ["expired", [session({ expiresAt: NOW })]],
  ])("an %s session is refused", async (_name, stored) => {
    const sessionId = stored[0]?.sessionId ?? newId("ses");
    expect(outcomeOf(await checkSession(setUp(stored).checkDeps, { sessionId }))).toEqual({ code: "session_revoked" });
  });

  test.each([
    ["just now is not written again", 0, []],
    ["long ago is written", LIMITS.sessionTouchMs, [NOW]],
  ])("a live session that was used %s", async (_name, agoMs, writes) => {
    const one = session({ lastSeenAt: NOW - agoMs });
    const { checkDeps, touched } = setUp([one]);
    expect(outcomeOf(await checkSession(checkDeps, { sessionId: one.sessionId }))).toEqual({ ...one, lastSeenAt: NOW });
    expect(touched).toEqual(writes);
  });

  test("the list says which one is this device, and shows no ids of people", async () => {
    const [mine, other] = [session(), session()];
    const list = outcomeOf(await listSessions(setUp([mine, other]).deps, caller(mine.sessionId)));
    expect(list).toMatchObject([
      { sessionId: mine.sessionId, current: true },
      { sessionId: other.sessionId, current: false },
    ]);
    expect(JSON.stringify(list)).not.toContain(ANA);
  });

  test("revoking is announced, also when it is repeated; another person's session is not_found and stays", async () => {
    const [mine, foreign] = [session(), session({ userId: BEN })];
    const { deps, announced } = setUp([mine, foreign]);
    for (let count = 0; count < 2; count += 1)
      await revokeSession(deps, caller(mine.sessionId), { sessionId: mine.sessionId });
    const revoked = { kind: "session_revoked", userId: ANA, sessionId: mine.sessionId };
    expect(announced).toEqual([revoked, revoked]);
    expect(outcomeOf(await revokeSession(deps, caller(mine.sessionId), { sessionId: foreign.sessionId }))).toEqual({
      code: "not_found",
    });
    expect([announced.length, foreign.revokedAt]).toEqual([2, null]);
  });

  test("all others end, this one stays", async () => {
    const stored = [session(), session(), session()];
    const [here] = stored;
    const { deps, announced } = setUp(stored);
    expect(outcomeOf(await revokeOtherSessions(deps, caller(here?.sessionId ?? newId("ses"))))).toBe(2);
    expect(stored.map((one) => one.revokedAt)).toEqual([null, NOW, NOW]);
    expect(announced).toHaveLength(2);
  });
});
