import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import { newClientId, newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { Profile } from "@ashchat/core/ports";
import type { LoggedChange } from "../room-feed";

/** Values that complete themselves: a test names only what it is about. */
export function aMessage(fields: Partial<StoredMessage> = {}): StoredMessage {
  const seq = fields.seq ?? 1;
  return {
    messageId: newId("msg"),
    roomId: newId("room"),
    seq,
    senderId: newId("usr"),
    clientId: newClientId(),
    sentAt: 1_000,
    language: "en",
    text: `message ${seq}`,
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translations: {},
    ...fields,
  };
}

export function aTranslation(message: StoredMessage, language: Language, changeSeq: number): LoggedChange {
  const translations: StoredMessage["translations"] = {
    ...message.translations,
    [language]: { status: "done", revision: message.revision, text: `in ${language}`, engine: "test", at: 2_000 },
  };
  return {
    change: aChange({ roomId: message.roomId, seq: changeSeq, messageSeq: message.seq, language }),
    message: { ...message, version: message.version + 1, translations },
  };
}

export function aChange(fields: Partial<StoredChange> = {}): StoredChange {
  return {
    roomId: newId("room"),
    seq: 1,
    changeId: newId("chg"),
    kind: "translated",
    messageSeq: 1,
    language: "es",
    by: null,
    at: 2_000,
    ...fields,
  };
}

/** For parts that must not fail in a test. */
export function aProfile(): Profile {
  const userId = newId("usr");
  const tag = `ben-${userId.slice(-4).toLowerCase()}`;
  return { userId, tag, name: "Ben", about: "", language: "en", understands: [], lastSeenAt: null };
}

export function failTest(error: unknown, what: string): never {
  throw new Error(what, { cause: error });
}

export function someone(): UserId {
  return newId("usr");
}

export function someRoom(): RoomId {
  return newId("room");
}
