import type { UserId } from "@ashchat/contracts/ids";
import type { Presence } from "@ashchat/contracts/room";
import type { Announcer } from "@ashchat/core/ports";
import { inBackground, type OnError } from "./background";
import type { NodeLimits } from "./limits";
import type { PresenceStore } from "./ports";

/**
 * Who is online. A person with a connection here is beaten into Redis every `presenceBeatMs`, all in one call; the last
 * connection's end counts after `presenceDebounceMs`, so that a reload is no going away. Coming and going is announced to
 * all nodes. A node that dies announces nothing: its people's entries run out, and every node that showed them online asks
 * again every `presenceTtlMs`. Everything here is best effort: while Redis is down, presence stands still.
 */
export interface PresenceDeps {
  readonly store: PresenceStore;
  readonly announcer: Announcer;
  /** People with a connection here. */
  readonly localUsers: () => Iterable<UserId>;
  readonly isLocal: (userId: UserId) => boolean;
  /** Somebody here can see this person. */
  readonly isShown: (userId: UserId) => boolean;
  /** Tells the readers of this node alone. */
  readonly show: (presence: Presence) => void;
  readonly limits: NodeLimits;
  readonly now: () => number;
  readonly onError: OnError;
}

export interface PresenceKeeper {
  /** A connection of a person is ready. Of several that are there together the first counts. */
  arrived(userId: UserId): void;
  /** The last connection of a person is gone. */
  left(userId: UserId): void;
  /** Another process said so. */
  heard(presence: Presence): void;
  of(userIds: readonly UserId[]): Promise<Presence[]>;
  tick(): void;
  /** Everybody here leaves now. */
  close(): Promise<void>;
}

const USERS_PER_CALL_MAX = 1_000;
/** Beyond this a dead node's people stay online on the screen until their readers come back. */
const ELSEWHERE_MAX = 10_000;

export function createPresence(deps: PresenceDeps): PresenceKeeper {
  const { store, limits } = deps;
  const leavingAt = new Map<UserId, number>();
  /** Announced as here, and not as gone since. */
  const here = new Set<UserId>();
  /** Shown online here though connected elsewhere. */
  const elsewhere = new Set<UserId>();
  let beatAt = 0;
  let askedAt = deps.now();
  /** One round of work at a time: what becomes due meanwhile waits for the next tick. */
  let working: Promise<void> | null = null;

  async function announceArrival(userId: UserId): Promise<void> {
    await store.beat([userId]);
    deps.announcer.announce({ kind: "presence", presence: { userId, online: true, lastSeenAt: null } });
  }

  async function announceDepartures(userIds: readonly UserId[]): Promise<void> {
    await store.leave(userIds);
    const states = await store.of(userIds);
    for (const presence of states.ok ? states.value : []) {
      if (!presence.online) deps.announcer.announce({ kind: "presence", presence });
      else noteElsewhere(presence.userId);
    }
  }

  async function beatAll(): Promise<void> {
    for (const part of partsOf([...deps.localUsers()])) await store.beat(part);
  }

  /** Asks about those who are online elsewhere: their node may have died. */
  async function askAgain(): Promise<void> {
    for (const part of partsOf([...elsewhere])) {
      const states = await store.of(part);
      for (const presence of states.ok ? states.value : []) {
        if (presence.online || deps.isLocal(presence.userId)) continue;
        elsewhere.delete(presence.userId);
        deps.show(presence);
      }
    }
    for (const userId of elsewhere) if (!deps.isShown(userId)) elsewhere.delete(userId);
  }

  function noteElsewhere(userId: UserId): void {
    if (elsewhere.size < ELSEWHERE_MAX && !deps.isLocal(userId) && deps.isShown(userId)) elsewhere.add(userId);
  }

  async function work(now: number): Promise<void> {
    const departed = takeDepartures();
    if (departed.length > 0) await announceDepartures(departed);
    if (now - beatAt >= limits.presenceBeatMs) {
      beatAt = now;
      await beatAll();
    }
    if (now - askedAt >= limits.presenceTtlMs) {
      askedAt = now;
      await askAgain();
    }
  }

  function takeDepartures(): UserId[] {
    const before = deps.now() - limits.presenceDebounceMs;
    const due = [...leavingAt].filter(([, at]) => at <= before).map(([userId]) => userId);
    for (const userId of due) leavingAt.delete(userId);
    const gone = due.filter((userId) => !deps.isLocal(userId));
    for (const userId of gone) here.delete(userId);
    return gone;
  }

  return {
    arrived(userId) {
      elsewhere.delete(userId);
      leavingAt.delete(userId);
      if (here.has(userId)) return;
      here.add(userId);
      inBackground(announceArrival(userId), "announcing an arrival", deps.onError);
    },
    left(userId) {
      leavingAt.set(userId, deps.now());
    },
    heard(presence) {
      if (presence.online) noteElsewhere(presence.userId);
      else elsewhere.delete(presence.userId);
    },
    async of(userIds) {
      const states = await store.of(userIds);
      if (!states.ok) return [];
      for (const presence of states.value) if (presence.online) noteElsewhere(presence.userId);
      return states.value;
    },
    tick() {
      if (working !== null) return;
      working = work(deps.now())
        .catch((error: unknown) => deps.onError(error, "looking after presence"))
        .finally(() => {
          working = null;
        });
    },
    async close() {
      const everybody = [...leavingAt.keys(), ...deps.localUsers()];
      leavingAt.clear();
      await working;
      for (const part of partsOf(everybody)) await announceDepartures(part);
    },
  };
}

function partsOf(userIds: readonly UserId[]): UserId[][] {
  const parts: UserId[][] = [];
  for (let from = 0; from < userIds.length; from += USERS_PER_CALL_MAX) {
    parts.push(userIds.slice(from, from + USERS_PER_CALL_MAX));
  }
  return parts;
}
