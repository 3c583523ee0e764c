import type { MessageStore } from "@ashchat/core/ports";
import type { Announcer } from "@ashchat/core/ports";
import { inBackground, type OnError } from "./background";
import type { NodeLimits } from "./limits";
import type { LiveRoom } from "./rooms";

/**
 * What Redis lost is found again here: the heads of every followed room are read once in `auditIntervalMs`, oldest look
 * first, at most `auditRoomsPerReadMax` rooms at once and one read in flight. While Redis is down, and after it is back,
 * rooms are read as fast as that allows. After a break the node also announces again the heads of rooms that it wrote to
 * shortly before or since, because whoever missed those announcements cannot know.
 */
export interface AuditDeps {
  readonly rooms: () => Iterable<LiveRoom>;
  readonly messages: Pick<MessageStore, "heads">;
  readonly announcer: Announcer;
  readonly limits: NodeLimits;
  readonly onError: OnError;
  readonly now: () => number;
}

export interface Audit {
  broken(): void;
  restored(): void;
  tick(): void;
}

/** While Redis is down each room is read this often; readers on other nodes wait no longer than this for a message. */
const BROKEN_INTERVAL_MS = 1_000;

export function createAudit(deps: AuditDeps): Audit {
  let isBroken = false;
  let brokenAt = 0;
  /** Rooms that were last read before this are due at once. */
  let dueBefore = 0;
  let isReading = false;

  function due(): LiveRoom[] {
    const now = deps.now();
    const before = Math.max(dueBefore, now - (isBroken ? BROKEN_INTERVAL_MS : deps.limits.auditIntervalMs));
    return [...deps.rooms()]
      .filter((room) => room.auditedAt <= before)
      .sort((left, right) => left.auditedAt - right.auditedAt)
      .slice(0, deps.limits.auditRoomsPerReadMax);
  }

  async function read(rooms: readonly LiveRoom[]): Promise<void> {
    // The heads are at least as new as this: what was announced later, and lost, needs another look.
    const startedAt = deps.now();
    const heads = await deps.messages.heads(rooms.map((room) => room.roomId));
    if (!heads.ok) {
      deps.onError(heads.error, "reading heads");
      return;
    }
    for (const room of rooms) {
      room.auditedAt = startedAt;
      const head = heads.value.get(room.roomId);
      if (head !== undefined) room.feed.noteHeads(head);
    }
  }

  return {
    broken() {
      if (!isBroken) brokenAt = deps.now();
      isBroken = true;
    },
    restored() {
      const writtenSince = (isBroken ? brokenAt : deps.now()) - deps.limits.reannounceWindowMs;
      isBroken = false;
      dueBefore = deps.now();
      for (const { roomId, wroteAt, feed } of deps.rooms()) {
        if (wroteAt < writtenSince) continue;
        deps.announcer.announce({ kind: "heads", roomId, head: feed.head, changeHead: feed.changeHead });
      }
    },
    tick() {
      if (isReading) return;
      const rooms = due();
      if (rooms.length === 0) return;
      isReading = true;
      const task = read(rooms).finally(() => {
        isReading = false;
      });
      inBackground(task, "reading heads", deps.onError);
    },
  };
}
