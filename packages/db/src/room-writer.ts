import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { NewMessage, RoomWriter } from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import { createDenseLog } from "./dense-log";
import type { MessageDocument } from "./documents";
import { toStoredMessage } from "./message-document";

/** The one way into a room's messages; see dense-log for how the order comes about. */
export function createRoomWriter(collection: () => mongo.Collection<MessageDocument>): RoomWriter {
  const log = createDenseLog<NewMessage, MessageDocument>({
    label: "append message",
    collection,
    roomOf: (message) => message.roomId,
    keyOf: (message) => `${message.senderId} ${message.clientId}`,
    keyFilter: ({ senderId, clientId }) => ({ senderId, clientId }),
    toDocument: newMessageDocument,
  });
  return {
    async append(message) {
      const appended = await log.append(message);
      if (!appended.ok) return appended;
      return ok({ message: toStoredMessage(appended.value.stored), repeated: appended.value.repeated });
    },
  };
}

/** A message and its pending work are one document: either both are stored or neither. */
function newMessageDocument(message: NewMessage, seq: number): MessageDocument {
  const { messageId, roomId, senderId, clientId, text, language, sentAt, needs } = message;
  const document: MessageDocument = {
    _id: messageId,
    roomId,
    seq,
    senderId,
    clientId,
    sentAt,
    language,
    text,
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translations: Object.fromEntries(needs.map((need) => [need, { status: "pending", revision: 1 }])),
    unlogged: [],
  };
  if (needs.length === 0) return document;
  return {
    ...document,
    pending: { kind: "translate", languages: [...needs], tries: 0 },
    dueAt: sentAt + LIMITS.pendingFirstDueMs,
  };
}
