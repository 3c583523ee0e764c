import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Outcome } from "@ashchat/core/ports";
import { inBackground, type OnError } from "./background";

/**
 * `delivered` and `read`: at most one write per member, room and `receiptIntervalMs`. The first is written at once, what
 * comes within the interval is merged (marks only grow) and written at its end. A mark is clamped to what this node has
 * fanned out of the room: a device cannot have more. A failed write is tried again once with the next marks of that member;
 * losing one is harmless, because the client's next mark contains it.
 */
export interface Marks {
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

export interface ReceiptsDeps {
  /** The last message fanned out here; null for a room that is not followed any more. */
  headOf(roomId: RoomId): number | null;
  mark(userId: UserId, roomId: RoomId, marks: Marks): Outcome<unknown>;
  readonly receiptIntervalMs: number;
  readonly now: () => number;
  readonly onError: OnError;
}

export interface Receipts {
  note(userId: UserId, roomId: RoomId, marks: Partial<Marks>): void;
  /** Writes what is due; called several times per interval. */
  tick(): void;
  /** Writes everything that waits; resolves when nothing is being written any more. */
  flush(): Promise<void>;
}

interface Member {
  readonly userId: UserId;
  readonly roomId: RoomId;
  writtenAt: number;
  isWriting: boolean;
  waiting: Marks | null;
}

export function createReceipts(deps: ReceiptsDeps): Receipts {
  /** Members who marked something within the last interval. */
  const members = new Map<string, Member>();

  /** On their way. */
  const writes = new Set<Promise<unknown>>();

  async function write(member: Member): Promise<void> {
    const { waiting, roomId, userId } = member;
    const head = deps.headOf(roomId);
    member.waiting = null;
    if (waiting === null || head === null) return;
    const marks = { deliveredSeq: Math.min(waiting.deliveredSeq, head), readSeq: Math.min(waiting.readSeq, head) };
    if (marks.deliveredSeq === 0 && marks.readSeq === 0) return;
    member.writtenAt = deps.now();
    member.isWriting = true;
    const marking = deps.mark(userId, roomId, marks).finally(() => {
      member.isWriting = false;
      writes.delete(marking);
    });
    writes.add(marking);
    const marked = await marking;
    if (!marked.ok && marked.error.retryable) member.waiting = maxOf(member.waiting, marks);
  }

  function writeInBackground(member: Member): void {
    inBackground(write(member), "writing a mark", deps.onError);
  }

  function isDue(member: Member): boolean {
    return !member.isWriting && deps.now() - member.writtenAt >= deps.receiptIntervalMs;
  }

  return {
    note(userId, roomId, marks) {
      const key = `${userId} ${roomId}`;
      const member = members.get(key) ?? { userId, roomId, writtenAt: 0, isWriting: false, waiting: null };
      members.set(key, member);
      member.waiting = maxOf(member.waiting, { deliveredSeq: 0, readSeq: 0, ...marks });
      if (isDue(member)) writeInBackground(member);
    },
    tick() {
      for (const [key, member] of members) {
        if (!isDue(member)) continue;
        if (member.waiting === null) members.delete(key);
        else writeInBackground(member);
      }
    },
    async flush() {
      await Promise.allSettled(writes);
      await Promise.all([...members.values()].map((member) => write(member)));
    },
  };
}

function maxOf(left: Marks | null, right: Marks): Marks {
  if (left === null) return right;
  return {
    deliveredSeq: Math.max(left.deliveredSeq, right.deliveredSeq),
    readSeq: Math.max(left.readSeq, right.readSeq),
  };
}
