import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Cursor } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import type { MessageStore, NewMessage, RoomWriter } from "@ashchat/core/ports";

/** Gives the next seq of each room and keeps nothing else; what else is asked for comes from `messages`. */
export function writeNothing(messages: MessageStore): { writer: RoomWriter; messages: MessageStore } {
  const heads = new Map<RoomId, number>();
  const headOf = (roomId: RoomId): number => heads.get(roomId) ?? 0;
  return {
    writer: {
      append: async (message) => {
        const seq = headOf(message.roomId) + 1;
        heads.set(message.roomId, seq);
        return ok({ message: storedAs(message, seq), repeated: false });
      },
    },
    messages: { ...messages, heads: async (roomIds) => ok(headsOf(roomIds, headOf)) },
  };
}

/** Keeps every message as bytes outside of the heap; what else is asked for comes from `messages`. */
export function keepMessages(messages: MessageStore): { writer: RoomWriter; messages: MessageStore } {
  const logs = new Map<RoomId, Buffer[]>();
  const logOf = (roomId: RoomId): Buffer[] => {
    const log = logs.get(roomId) ?? [];
    logs.set(roomId, log);
    return log;
  };
  return {
    writer: {
      append: async (message) => {
        const log = logOf(message.roomId);
        const stored = storedAs(message, log.length + 1);
        log.push(Buffer.from(JSON.stringify(stored)));
        return ok({ message: stored, repeated: false });
      },
    },
    messages: {
      ...messages,
      heads: async (roomIds) => ok(headsOf(roomIds, (roomId) => logOf(roomId).length)),
      page: async ({ roomId, after, before, limit }) => {
        const log = logOf(roomId);
        const to = Math.min(log.length, after + limit, (before ?? Number.POSITIVE_INFINITY) - 1);
        return ok(log.slice(after, to).map((bytes) => JSON.parse(bytes.toString("utf8")) as StoredMessage));
      },
      changesAfter: async () => ok([]),
    },
  };
}

function headsOf(roomIds: readonly RoomId[], headOf: (roomId: RoomId) => number): Map<RoomId, Cursor> {
  return new Map(roomIds.map((roomId) => [roomId, { seq: headOf(roomId), changeSeq: 0 }]));
}

/** Field by field: taking the rest of an object costs more than all else here, and would count as the product's. */
function storedAs(message: NewMessage, seq: number): StoredMessage {
  return {
    messageId: message.messageId,
    roomId: message.roomId,
    seq,
    senderId: message.senderId,
    clientId: message.clientId,
    sentAt: message.sentAt,
    language: message.language,
    text: message.text,
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translations: {},
  };
}
