import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Cursor } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import type { MessageStore, Outcome } from "@ashchat/core/ports";
import type { Gate } from "./gate";
import type { NodeLimits } from "./limits";
import type { LoggedChange } from "./room-feed";

/** What a feed reads where announcements left a hole; few such reads at once in the whole process. */
export interface RoomLog {
  headsOf(roomIds: readonly RoomId[]): Outcome<Map<RoomId, Cursor>>;
  messagesAfter(roomId: RoomId, after: number): Outcome<StoredMessage[]>;
  changesAfter(roomId: RoomId, after: number): Outcome<LoggedChange[]>;
}

export interface RoomLogDeps {
  readonly messages: Pick<MessageStore, "heads" | "page" | "changesAfter" | "findMany">;
  readonly gate: Gate;
  readonly limits: NodeLimits;
  onGapRead(): void;
}

export function createRoomLog({ messages, gate, limits, onGapRead }: RoomLogDeps): RoomLog {
  const limit = limits.gapReadMessages;
  return {
    headsOf: (roomIds) => messages.heads(roomIds),
    messagesAfter: (roomId, after) =>
      gate.run(() => {
        onGapRead();
        return messages.page({ roomId, after, before: null, limit, newest: false });
      }),
    changesAfter: (roomId, after) =>
      gate.run(async () => {
        onGapRead();
        const changes = await messages.changesAfter(roomId, after, limit);
        if (!changes.ok) return changes;
        return await withMessages(messages, roomId, { changes: changes.value, known: [] });
      }),
  };
}

/** Each change with its message as it is now; `known` are messages that need not be read for it. */
export async function withMessages(
  messages: Pick<MessageStore, "findMany">,
  roomId: RoomId,
  { changes, known }: { changes: readonly StoredChange[]; known: readonly StoredMessage[] },
): Outcome<LoggedChange[]> {
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  const others = new Set(changes.map((change) => change.messageSeq).filter((seq) => !bySeq.has(seq)));
  if (others.size > 0) {
    const found = await messages.findMany(roomId, [...others]);
    if (!found.ok) return found;
    for (const message of found.value) bySeq.set(message.seq, message);
  }
  return ok(
    changes.flatMap((change) => {
      const message = bySeq.get(change.messageSeq);
      return message === undefined ? [] : [{ change, message }];
    }),
  );
}
