import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { MessageDocument } from "./documents";

/** The message without what only the house needs to know about its work. */
export function toStoredMessage(document: MessageDocument): StoredMessage {
  const { _id, roomId, seq, senderId, clientId, sentAt, language, text } = document;
  const { revision, version, editedAt, deletedAt, translations } = document;
  return {
    messageId: _id,
    roomId,
    seq,
    senderId,
    clientId,
    sentAt,
    language,
    text,
    revision,
    version,
    editedAt,
    deletedAt,
    translations,
  };
}
