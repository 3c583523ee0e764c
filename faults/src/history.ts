import type { ClientId, RoomId, UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";

/**
 * What a run leaves behind. Everything is written down by the side that saw it: devices write what they sent and what
 * they showed, the database is read at the end, processes and queues are looked at from outside. `t` is milliseconds of one clock.
 */

/** The name of one device of one person: `ana/1`. */
export type DeviceName = string;

/** One attempt to send. `info`: no answer came, so it may or may not have been stored. */
export interface SendRecord {
  kind: "send";
  t: number;
  device: DeviceName;
  userId: UserId;
  roomId: RoomId;
  clientId: ClientId;
  text: string;
  result: "invoke" | "ok" | "fail" | "info";
  /** Set for `ok`. */
  seq: number | null;
}

/**
 * One attempt to edit or delete an own message; the same one tried again belongs to it. `fail`: it was refused and did
 * nothing. `info`, or nothing after `invoke`: no clear answer came, so it may or may not have happened.
 */
export interface ChangeRecord {
  kind: "edit" | "delete";
  t: number;
  device: DeviceName;
  userId: UserId;
  roomId: RoomId;
  seq: number;
  /** What the person saw; an edit makes the next one. */
  revision: number;
  /** Null for a deletion. */
  text: string | null;
  result: "invoke" | "ok" | "fail" | "info";
}

/** What a device shows of a message at one moment. */
export interface LookFact {
  roomId: RoomId;
  seq: number;
  clientId: ClientId;
  /** Null: deleted. */
  text: string | null;
  revision: number;
  /** A finished one, and of which revision's text. */
  translation: { language: Language; revision: number; text: string } | null;
}

/** A message became visible on a device. */
export interface ShownRecord extends LookFact {
  kind: "shown";
  t: number;
  device: DeviceName;
}

/** A message that was visible already looks otherwise. */
export interface ChangedRecord extends LookFact {
  kind: "changed";
  t: number;
  device: DeviceName;
}

/**
 * What passed between one socket of a device (they are numbered) and the server about catching up in a room: the device asked;
 * it was told that it has everything, or to begin anew. `seq` of a question: the last message that the device shows.
 */
export interface ResumeRecord {
  kind: "resume_from" | "caught_up" | "resync";
  t: number;
  device: DeviceName;
  roomId: RoomId;
  socket: number;
  seq: number;
}

/** Told to begin anew, the device shows the newest page next: what comes after `seq`. */
interface JumpRecord {
  kind: "jump";
  t: number;
  device: DeviceName;
  roomId: RoomId;
  seq: number;
}

/** Whatever was asked on it is not answered any more. */
interface SocketClosedRecord {
  kind: "socket_closed";
  t: number;
  device: DeviceName;
  socket: number;
}

export type HistoryRecord =
  | SendRecord
  | ChangeRecord
  | ShownRecord
  | ChangedRecord
  | ResumeRecord
  | JumpRecord
  | SocketClosedRecord;

export interface StoredTranslationFact {
  language: Language;
  status: "pending" | "done" | "failed" | "not_needed";
  revision: number;
  text: string | null;
}

/** A message as a fresh read of the database shows it. */
export interface StoredFact {
  roomId: RoomId;
  seq: number;
  clientId: ClientId;
  senderId: UserId;
  /** Null: deleted. */
  text: string | null;
  revision: number;
  language: Language;
  pending: boolean;
  /** Of a deleted one the whole document as text, in which nothing of what it said may be left. */
  remains: string | null;
  translations: readonly StoredTranslationFact[];
}

/** What one device holds at the end (`kept`), beside a cold fetch of the same room for the same person. */
export interface DeviceFact {
  device: DeviceName;
  userId: UserId;
  /** In which the person reads. */
  language: Language;
  roomId: RoomId;
  kept: readonly VisibleFact[];
  cold: readonly VisibleFact[];
}

export interface VisibleFact {
  seq: number;
  clientId: ClientId;
  text: string | null;
  /** 0: it has left the device's window, and only its place is compared. */
  revision: number;
  /** The text of a finished one, else how it stands. */
  translation: string | null;
  /** Of which revision's text. */
  translationOf: number | null;
}

export interface MarkFact {
  /** When the observer had read it. */
  t: number;
  roomId: RoomId;
  userId: UserId;
  deliveredSeq: number;
  readSeq: number;
}

export interface RegistrationFact {
  registrationId: string;
  /** The right code was entered and answered yes. */
  confirmed: boolean;
  /** A code was promised, and no mail came. */
  lacksMail: boolean;
  users: number;
  profiles: number;
}

export interface LetterFact {
  /** Where it was published. */
  queue: string;
  body: string;
}

export interface DeadLetterFact extends LetterFact {
  /** Why it was set aside; null: it does not say. */
  reason: string | null;
}

export interface Evidence {
  records: readonly HistoryRecord[];
  stored: readonly StoredFact[];
  devices: readonly DeviceFact[];
  /** Every change of a member's marks in the order in which an observer saw it. */
  marks: readonly MarkFact[];
  /** Languages into which each room needs its messages, the source language excluded. */
  needs: ReadonlyMap<RoomId, readonly Language[]>;
  members: ReadonlyMap<RoomId, readonly UserId[]>;
  registrations: readonly RegistrationFact[];
  /** Calls of the engine per (text, language): how often each was asked. */
  engineCalls: ReadonlyMap<string, number>;
  engineCallsMax: number;
  /** What the engine makes of a text, so that a translation can be told from another message's. */
  expectedTranslation: (text: string, language: Language) => string;
  /** What was put into queues on purpose, and what the dead-letter queues hold in the end. */
  poison: readonly LetterFact[];
  deadLetters: readonly DeadLetterFact[];
  unrouted: number;
  /** Messages that still wait in outboxes when everything has been well for as long as is allowed. */
  unsent: number;
  /** Exits that the run did not cause, unhandled rejections and canaries found in logs. */
  unexpectedExits: readonly string[];
  unhandled: readonly string[];
  canaries: readonly string[];
}

export interface Violation {
  /** 1–11, as numbered in docs/reliability.md. */
  invariant: number;
  detail: string;
}

export interface Verdict {
  violations: Violation[];
  counts: {
    attempted: number;
    acknowledged: number;
    stored: number;
    shown: number;
    lost: number;
    unexpected: number;
    duplicated: number;
    recovered: number;
    /** Messages that stand edited or deleted in the end. */
    edited: number;
    deleted: number;
  };
}
