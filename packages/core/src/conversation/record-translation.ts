import type { StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import { appError, type AppError } from "@ashchat/contracts/errors";
import type { ChangeId, RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { fail, type Result } from "@ashchat/contracts/result";
import type { CrashPoint } from "../crash";
import type { Announcer, Clock, MessageStore, Outcome, RoomStore, TranslationResult } from "../ports";
import { finishChanges, type WrittenChange } from "./finish-change";

export interface RecordTranslationDeps {
  rooms: Pick<RoomStore, "findMany">;
  messages: Pick<MessageStore, "setTranslations" | "logChange" | "settle">;
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

type Recorded = Result<StoredMessage | null, AppError>;

/**
 * Writes how translations ended and tells their rooms: three write commands, however many there are (decision 0014). One outcome
 * per record in the same order; null when it came too late (the message was edited, deleted, or has this translation already),
 * which is as good as done. A failure after the write is finished by the sweep.
 */
export async function recordTranslations(
  deps: RecordTranslationDeps,
  records: readonly TranslationRecord[],
): Promise<Recorded[]> {
  const results = records.map((record) => ({ ...record, change: changeOf(deps, record) }));
  const recorded = await deps.messages.setTranslations(results);

  // Durable from here on: what fails below is finished by the sweep, and repeating the translations would not help.
  const written = results.flatMap(({ change }, index) => {
    const outcome = recorded[index];
    return outcome?.ok === true && outcome.value !== null ? [{ message: outcome.value, change }] : [];
  });
  if (written.length > 0) await tellRooms(deps, written);
  return recorded;
}

/** For a single translation. */
export async function recordTranslation(
  deps: RecordTranslationDeps,
  record: TranslationRecord,
): Outcome<StoredMessage | null> {
  const [recorded] = await recordTranslations(deps, [record]);
  return recorded ?? fail(appError("internal", "a translation was recorded without an outcome"));
}

function changeOf(deps: RecordTranslationDeps, { language }: TranslationRecord): TranslationResult["change"] {
  return { changeId: deps.newChangeId(), kind: "translated", language, by: null, at: deps.clock.now() };
}

async function tellRooms(
  deps: RecordTranslationDeps,
  written: readonly Omit<WrittenChange, "membersVersion">[],
): Promise<void> {
  const rooms = await deps.rooms.findMany([...new Set(written.map(({ message }) => message.roomId))]);
  if (!rooms.ok) return;
  const versions = new Map(rooms.value.map((room) => [room.roomId, room.membersVersion]));
  const withVersion = written.map((one) => ({ ...one, membersVersion: versions.get(one.message.roomId) ?? 0 }));
  await finishChanges(deps, withVersion);
}
