import { newId, type ClientId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import type {
  ChangeRecord,
  DeviceFact,
  Evidence,
  HistoryRecord,
  LetterFact,
  LookFact,
  MarkFact,
  ShownRecord,
  StoredFact,
  VisibleFact,
} from "../history";

/** A history in which everything is right, for the checker's tests: each changes one thing in it. */

export const ana: UserId = newId("usr");
export const ben: UserId = newId("usr");
export const room: RoomId = newId("room");
export const MESSAGES = 6;
/** Ana rewrites one of her messages and deletes another. */
export const EDITED = 2;
export const DELETED = 3;
export const POISON: LetterFact = { queue: "WORK", body: "null" };
const NEW_TEXT = "hola de nuevo";
const RESUMED = 4;

export interface MutableEvidence extends Evidence {
  records: HistoryRecord[];
  stored: StoredFact[];
  devices: DeviceFact[];
  marks: MarkFact[];
}

/** What a test does to a sound run; what it returns replaces parts of it. */
export type Plant = (run: MutableEvidence) => Partial<Evidence> | undefined;

const clientIdOf = (seq: number): ClientId => `client-id-${String(seq).padStart(8, "0")}` as ClientId;
export const textOf = (seq: number): string => `hola ${seq}`;
export const translated = (text: string, language: string): string => `[${language}] ${text}`;

const seqs = Array.from({ length: MESSAGES }, (_, index) => index + 1);

/**
 * Ana writes six messages in Spanish, Ben reads them in English, drops after the third and catches up. Ana edits one while its
 * first translation is on Ben's screen, and deletes another.
 */
export function soundRun(): MutableEvidence {
  return {
    records: [...written(), ...changed()],
    stored: seqs.map(storedOf),
    devices: [deviceOf("ana/1", ana, "es"), deviceOf("ben/1", ben, "en")],
    marks: [
      { t: 3, roomId: room, userId: ben, deliveredSeq: 3, readSeq: 2 },
      { t: 6, roomId: room, userId: ben, deliveredSeq: 6, readSeq: 6 },
    ],
    needs: new Map([[room, ["en"]]]),
    members: new Map([[room, [ana, ben]]]),
    registrations: [{ registrationId: ana, confirmed: true, lacksMail: false, users: 1, profiles: 1 }],
    engineCalls: new Map([["hola 1 en", 1]]),
    engineCallsMax: 3,
    expectedTranslation: translated,
    poison: [POISON],
    deadLetters: [{ ...POISON, reason: "invalid" }],
    unrouted: 0,
    unsent: 0,
    unexpectedExits: [],
    unhandled: [],
    canaries: [],
  };
}

function written(): HistoryRecord[] {
  const records: HistoryRecord[] = [];
  for (const device of ["ana/1", "ben/1"]) {
    records.push({ kind: "resume_from", t: 0, device, roomId: room, socket: 1, seq: 0 });
    records.push({ kind: "caught_up", t: 0, device, roomId: room, socket: 1, seq: 0 });
  }
  for (const seq of seqs) {
    const own = { device: "ana/1", userId: ana, roomId: room, clientId: clientIdOf(seq), text: textOf(seq) };
    const send = { kind: "send", t: seq, ...own } as const;
    if (seq === RESUMED) {
      records.push({ kind: "socket_closed", t: seq, device: "ben/1", socket: 1 });
      records.push({ kind: "resume_from", t: seq, device: "ben/1", roomId: room, socket: 2, seq: 3 });
    }
    records.push({ ...send, result: "invoke", seq: null });
    records.push(shownOn("ana/1", seq));
    records.push({ ...send, result: "ok", seq });
    records.push(shownOn("ben/1", seq));
    if (seq === RESUMED) records.push({ kind: "caught_up", t: seq, device: "ben/1", roomId: room, socket: 2, seq: 4 });
  }
  return records;
}

/** The translation of the first text comes, then the edit, then its translation; and a deletion. */
function changed(): HistoryRecord[] {
  const edit = changeOf(EDITED, NEW_TEXT);
  const deletion = changeOf(DELETED, null);
  const first = lookOf(EDITED, { translation: translationOf(textOf(EDITED), 1) });
  const edited = lookOf(EDITED, { text: NEW_TEXT, revision: 2 });
  return [
    { kind: "changed", t: 7, device: "ben/1", ...first },
    { ...edit, t: 8, result: "invoke" },
    { kind: "changed", t: 8, device: "ana/1", ...edited },
    { ...edit, t: 8, result: "ok" },
    { kind: "changed", t: 8, device: "ben/1", ...edited, translation: first.translation },
    { kind: "changed", t: 9, device: "ben/1", ...edited, translation: translationOf(NEW_TEXT, 2) },
    { ...deletion, t: 9, result: "invoke" },
    { ...deletion, t: 9, result: "ok" },
    { kind: "changed", t: 9, device: "ana/1", ...lookOf(DELETED, { text: null }) },
    { kind: "changed", t: 9, device: "ben/1", ...lookOf(DELETED, { text: null }) },
  ];
}

function changeOf(seq: number, text: string | null): ChangeRecord {
  const kind = text === null ? "delete" : "edit";
  return { kind, t: 0, device: "ana/1", userId: ana, roomId: room, seq, revision: 1, text, result: "invoke" };
}

export function lookOf(seq: number, look: Partial<LookFact> = {}): LookFact {
  return { roomId: room, seq, clientId: clientIdOf(seq), text: textOf(seq), revision: 1, translation: null, ...look };
}

export function translationOf(text: string, revision: number): LookFact["translation"] {
  return { language: "en", revision, text: translated(text, "en") };
}

function shownOn(device: string, seq: number): ShownRecord {
  return { kind: "shown", t: seq, device, ...lookOf(seq) };
}

/** How the message stands in the end. */
function finalOf(seq: number): { text: string | null; revision: number } {
  if (seq === DELETED) return { text: null, revision: 1 };
  return seq === EDITED ? { text: NEW_TEXT, revision: 2 } : { text: textOf(seq), revision: 1 };
}

function storedOf(seq: number): StoredFact {
  const { text, revision } = finalOf(seq);
  const done =
    text === null ? [] : [{ language: "en", status: "done", revision, text: translated(text, "en") } as const];
  return {
    ...{ roomId: room, seq, clientId: clientIdOf(seq), senderId: ana, text, revision, language: "es", pending: false },
    remains: text === null ? JSON.stringify({ seq, text }) : null,
    translations: done,
  };
}

function deviceOf(device: string, userId: UserId, language: "es" | "en"): DeviceFact {
  const visible = seqs.map((seq): VisibleFact => {
    const { text, revision } = finalOf(seq);
    const isTranslated = userId === ben && text !== null;
    const translation = isTranslated ? { translation: translated(text, "en"), translationOf: revision } : NONE;
    return { seq, clientId: clientIdOf(seq), text, revision, ...translation };
  });
  return { device, userId, language, roomId: room, kept: visible, cold: visible };
}

const NONE = { translation: null, translationOf: null };

export function replaceAt<Item>(items: Item[], index: number, change: (item: Item) => Item): void {
  const item = items[index];
  if (item === undefined) throw new Error(`no item at ${index}`);
  items[index] = change(item);
}
