import type { StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import type { ChangeId, RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { ok } from "@ashchat/contracts/result";
import type { CrashPoint } from "../crash";
import type { Announcer, Clock, MessageStore, Outcome, RoomStore, UnloggedChange } from "../ports";
import { finishChange } from "./finish-change";

export interface RecordTranslationDeps {
  rooms: Pick<RoomStore, "find">;
  messages: Pick<MessageStore, "setTranslation" | "logChange" | "settle">;
  announcer: Announcer;
  clock: Clock;
  newChangeId(): ChangeId;
  crash?: CrashPoint;
}

export interface TranslationRecord {
  roomId: RoomId;
  seq: number;
  /** Of the text that was translated. */
  revision: number;
  language: Language;
  translation: StoredTranslation;
}

/**
 * Writes the outcome of one translation and tells the room. Null when it came too late (the message was edited, deleted, or
 * has this translation already), which is as good as done. A failure after the write is finished by the sweep.
 */
export async function recordTranslation(
  deps: RecordTranslationDeps,
  record: TranslationRecord,
): Outcome<StoredMessage | null> {
  const change: UnloggedChange = {
    changeId: deps.newChangeId(),
    kind: "translated",
    language: record.language,
    by: null,
    at: deps.clock.now(),
  };
  const written = await deps.messages.setTranslation({ ...record, change });
  if (!written.ok || written.value === null) return written;
  const message = written.value;

  // Durable from here on: what fails below is finished by the sweep, and repeating the translation would not help.
  const room = await deps.rooms.find(record.roomId);
  if (!room.ok) return ok(message);
  const membersVersion = room.value?.membersVersion ?? 0;
  await finishChange(deps, { message, change, membersVersion });
  return ok(message);
}
