import { appError } from "@ashchat/contracts/errors";
import { newId, type SessionId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { Session } from "@ashchat/core/ports";
import { describe, expect, it } from "vitest";
import { createRevocationPoll } from "./revocation";
import { someone } from "./testing/factories";

const [POLL_MS, AUDIT_MS] = [1_000, 15_000];

function aRevokedSession(revokedAt: number): Session {
  const device = { name: "Test", os: "Test" };
  const sessionId: SessionId = newId("ses");
  return { sessionId, userId: someone(), device, createdAt: 0, lastSeenAt: 0, expiresAt: 1, revokedAt };
}

function setUp() {
  const state = {
    now: 1_000_000,
    isDown: false,
    revoked: [] as Session[],
    cut: [] as SessionId[],
    asked: [] as number[],
    held: Promise.resolve(),
    /** What is asked from here on is answered, as it stands now, when the returned function is called. */
    hold() {
      let release = (): void => undefined;
      state.held = new Promise((resolve) => {
        release = () => {
          state.held = Promise.resolve();
          resolve();
        };
      });
      return () => release();
    },
  };
  const poll = createRevocationPoll({
    sessions: {
      revokedSince: async (since) => {
        state.asked.push(since);
        if (state.isDown) return fail(appError("unavailable", "down"));
        const found = state.revoked.filter((session) => (session.revokedAt ?? 0) > since);
        await state.held;
        return ok(found);
      },
    },
    memberships: { removedSince: async () => ok([]) },
    cutSession: (sessionId) => state.cut.push(sessionId),
    removeMember: () => undefined,
    onError: () => undefined,
    pollMs: POLL_MS,
    auditMs: AUDIT_MS,
    now: () => state.now,
  });
  const pass = async (ms: number) => {
    state.now += ms;
    poll.tick();
    await new Promise(setImmediate);
  };
  return { state, poll, pass };
}

describe("revocations while Redis is down", () => {
  it("are asked for at once and then once a second, from before the break on", async () => {
    const { state, poll, pass } = setUp();
    const before = aRevokedSession(state.now - 500);
    state.revoked.push(before);
    poll.broken();
    await pass(250);
    expect(state.cut).toEqual([before.sessionId]);
    const during = aRevokedSession(state.now);
    state.revoked.push(during);
    await pass(POLL_MS);
    expect(state.cut).toContain(during.sessionId);
    expect(state.asked).toHaveLength(2);
  });

  it("are asked for once more after it is back, then only now and then", async () => {
    const { state, poll, pass } = setUp();
    poll.broken();
    await pass(250);
    poll.restored();
    await pass(POLL_MS);
    expect(state.asked).toHaveLength(2);
    await pass(POLL_MS);
    expect(state.asked).toHaveLength(2);
    await pass(AUDIT_MS);
    expect(state.asked).toHaveLength(3);
  });

  it("P13: whose announcement was lost while an answer was on its way are asked for once Redis is back", async () => {
    const { state, poll, pass } = setUp();
    poll.broken();
    const answer = state.hold();
    await pass(250);
    const late = aRevokedSession(state.now);
    state.revoked.push(late);
    poll.restored();
    answer();
    await new Promise(setImmediate);
    expect(state.cut).toEqual([]);
    await pass(POLL_MS);
    expect(state.cut).toEqual([late.sessionId]);
  });

  it("that the database could not tell are asked for again from the same time", async () => {
    const { state, poll, pass } = setUp();
    poll.broken();
    state.isDown = true;
    const revoked = aRevokedSession(state.now);
    state.revoked.push(revoked);
    for (let index = 0; index < 30; index += 1) await pass(POLL_MS);
    state.isDown = false;
    await pass(POLL_MS);
    expect(state.cut).toEqual([revoked.sessionId]);
  });
});
