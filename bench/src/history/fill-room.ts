import { newClientId, newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import type { MessageDocument } from "@ashchat/db/documents";
import type { mongo } from "mongoose";
import { ordinaryText } from "../translate/texts";

const BATCH = 1_000;

/**
 * Puts a long past into a room: `size` messages in Spanish with a translation into English. Past the room writer, which is made
 * for messages that come one after the other; nothing of the product reads them in another way.
 */
export async function fillRoom(
  messages: mongo.Collection,
  { roomId, senderId, size }: { roomId: RoomId; senderId: UserId; size: number },
): Promise<void> {
  const documents = messages as unknown as mongo.Collection<MessageDocument>;
  for (let from = 1; from <= size; from += BATCH) {
    const count = Math.min(BATCH, size - from + 1);
    const batch = Array.from({ length: count }, (_, index) => pastMessage(from + index, { roomId, senderId }));
    await documents.insertMany(batch, { ordered: false });
  }
}

/** A message in Spanish that has been translated into English. */
export function pastMessage(seq: number, { roomId, senderId }: { roomId: RoomId; senderId: UserId }): MessageDocument {
  const text = ordinaryText(seq);
  return {
    _id: newId("msg"),
    roomId,
    seq,
    senderId,
    clientId: newClientId(),
    sentAt: seq,
    language: "es",
    text,
    revision: 1,
    version: 2,
    editedAt: null,
    deletedAt: null,
    translations: { en: { status: "done", revision: 1, text, engine: "bench", at: seq } },
    unlogged: [],
  };
}
