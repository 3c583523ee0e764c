import type { RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import type { MembershipStore, SessionStore } from "@ashchat/core/ports";
import { inBackground, type OnError } from "./background";

/**
 * Sign-outs and removals reach a node over Redis. While Redis is down, the node asks MongoDB once a second what was
 * revoked since shortly before it broke, and once more after it is back; so a socket is cut within `revocationDeadlineMs`
 * either way. While Redis is up it asks now and then, for what a crash between write and announcement left behind.
 * Answers may repeat: cutting twice is harmless.
 */
export interface RevocationDeps {
  readonly sessions: Pick<SessionStore, "revokedSince">;
  readonly memberships: Pick<MembershipStore, "removedSince">;
  cutSession(sessionId: SessionId): void;
  removeMember(roomId: RoomId, userId: UserId): void;
  readonly onError: OnError;
  readonly pollMs: number;
  readonly auditMs: number;
  readonly now: () => number;
}

export interface RevocationPoll {
  broken(): void;
  restored(): void;
  tick(): void;
}

/** Clocks of processes differ, and a break is noticed late. */
const OVERLAP_MS = 10_000;

export function createRevocationPoll(deps: RevocationDeps): RevocationPoll {
  let state: "up" | "down" | "last" = "up";
  let askedAt = deps.now();
  let since = askedAt - OVERLAP_MS;
  let isAsking = false;
  let restores = 0;

  async function ask(): Promise<void> {
    const startedAt = deps.now();
    const restoresBefore = restores;
    const [sessions, members] = await Promise.all([
      deps.sessions.revokedSince(since),
      deps.memberships.removedSince(since),
    ]);
    if (sessions.ok) for (const { sessionId } of sessions.value) deps.cutSession(sessionId);
    if (members.ok) for (const { roomId, userId } of members.value) deps.removeMember(roomId, userId);
    if (!sessions.ok) deps.onError(sessions.error, "asking for revoked sessions");
    if (!members.ok) deps.onError(members.error, "asking for removed members");
    if (!sessions.ok || !members.ok) return;
    since = Math.max(since, startedAt - OVERLAP_MS);
    // Asked before Redis was back, it says nothing of what was revoked, and lost, until then.
    if (state === "last" && restoresBefore === restores) state = "up";
  }

  return {
    broken() {
      state = "down";
      askedAt = 0;
    },
    restored() {
      restores += 1;
      if (state === "down") state = "last";
    },
    tick() {
      const everyMs = state === "up" ? deps.auditMs : deps.pollMs;
      if (isAsking || deps.now() - askedAt < everyMs) return;
      askedAt = deps.now();
      isAsking = true;
      const task = ask().finally(() => {
        isAsking = false;
      });
      inBackground(task, "asking what was revoked", deps.onError);
    },
  };
}
