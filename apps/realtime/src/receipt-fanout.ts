import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { MemberMarks } from "@ashchat/contracts/realtime";
import type { NodeLimits } from "./limits";

/**
 * Marks on their way to the readers of a room. In a room of n people a message makes n of them, and each alone would be a
 * frame for each of the n.
 *
 *   quiet ──mark: sent at once──▶ gathering ──end of the interval──▶ gathering where marks waited: they are sent;
 *     ▲                                └───────────────────────────▶ quiet where none did
 *     └─ nothing is kept of a quiet room, so nothing of one that is closed
 *
 * What waits is one entry per member, the newest marks; when there are as many as one frame holds, they are sent before
 * the interval ends.
 */
export interface ReceiptFanoutDeps {
  readonly limits: Pick<NodeLimits, "receiptGatherMs" | "receiptMarksMax">;
  /** Runs `task` once after `delayMs`; returns how to cancel it. */
  later(delayMs: number, task: () => void): () => void;
  /** Whether anybody here reads this room. */
  hasReaders(roomId: RoomId): boolean;
  /** To those who read the room now; at most `receiptMarksMax`, each member once. */
  fan(roomId: RoomId, marks: MemberMarks[]): void;
}

export interface ReceiptFanout {
  hear(receipt: MemberMarks & { roomId: RoomId }): void;
  /** Sends what waits. What is heard later is dropped. */
  close(): void;
}

interface Gathering {
  readonly waiting: Map<UserId, MemberMarks>;
  cancel(): void;
}

export function createReceiptFanout({ limits, later, hasReaders, fan }: ReceiptFanoutDeps): ReceiptFanout {
  const gatherings = new Map<RoomId, Gathering>();
  let isClosed = false;

  function gather(roomId: RoomId): void {
    const cancel = later(limits.receiptGatherMs, () => endInterval(roomId));
    gatherings.set(roomId, { waiting: new Map(), cancel });
  }

  function endInterval(roomId: RoomId): void {
    const gathering = gatherings.get(roomId);
    gatherings.delete(roomId);
    if (gathering === undefined || gathering.waiting.size === 0 || !hasReaders(roomId)) return;
    sendWaiting(roomId, gathering);
    gather(roomId);
  }

  function sendWaiting(roomId: RoomId, { waiting }: Gathering): void {
    const marks = [...waiting.values()];
    waiting.clear();
    if (marks.length > 0) fan(roomId, marks);
  }

  return {
    hear({ roomId, userId, deliveredSeq, readSeq }) {
      if (isClosed || !hasReaders(roomId)) return;
      const marks = { userId, deliveredSeq, readSeq };
      const gathering = gatherings.get(roomId);
      if (gathering === undefined) {
        fan(roomId, [marks]);
        gather(roomId);
        return;
      }
      const { waiting } = gathering;
      waiting.set(userId, newest(waiting.get(userId), marks));
      if (waiting.size >= limits.receiptMarksMax) sendWaiting(roomId, gathering);
    },
    close() {
      isClosed = true;
      for (const [roomId, gathering] of gatherings) {
        gathering.cancel();
        sendWaiting(roomId, gathering);
      }
      gatherings.clear();
    },
  };
}

/** Announcements come in any order; marks only grow. */
function newest(known: MemberMarks | undefined, heard: MemberMarks): MemberMarks {
  if (known === undefined) return heard;
  return {
    userId: heard.userId,
    deliveredSeq: Math.max(known.deliveredSeq, heard.deliveredSeq),
    readSeq: Math.max(known.readSeq, heard.readSeq),
  };
}
