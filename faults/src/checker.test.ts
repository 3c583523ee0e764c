import { newId, type ClientId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import { describe, expect, it } from "vitest";
import { checkHistory } from "./checker";
import type {
  DeviceFact,
  Evidence,
  HistoryRecord,
  MarkFact,
  StoredFact,
  StoredTranslationFact,
  VisibleFact,
} from "./history";

const ana: UserId = newId("usr");
const ben: UserId = newId("usr");
const room: RoomId = newId("room");
const MESSAGES = 6;
const PENDING: StoredTranslationFact = { language: "en", status: "pending", revision: 1, text: null };

const clientIdOf = (seq: number): ClientId => `client-id-${String(seq).padStart(8, "0")}` as ClientId;
const textOf = (seq: number): string => `hola ${seq}`;
const translated = (text: string, language: string): string => `[${language}] ${text}`;

interface MutableEvidence extends Evidence {
  records: HistoryRecord[];
  stored: StoredFact[];
  devices: DeviceFact[];
  marks: MarkFact[];
}

/** A run in which Ana sends six messages, Ben reads them live, drops after the third and catches up. */
function soundRun(): MutableEvidence {
  const seqs = Array.from({ length: MESSAGES }, (_, index) => index + 1);
  const records: HistoryRecord[] = [];
  for (const device of ["ana/1", "ben/1"])
    records.push({ kind: "resume_from", t: 0, device, roomId: room, epoch: 1, seq: 0 });
  for (const device of ["ana/1", "ben/1"])
    records.push({ kind: "caught_up", t: 0, device, roomId: room, epoch: 1, seq: 0 });
  for (const seq of seqs) {
    const send = {
      kind: "send",
      device: "ana/1",
      userId: ana,
      roomId: room,
      clientId: clientIdOf(seq),
      text: textOf(seq),
    } as const;
    const shown = { kind: "shown", t: seq, roomId: room, seq, clientId: clientIdOf(seq), text: textOf(seq) } as const;
    if (seq === 4) records.push({ kind: "resume_from", t: seq, device: "ben/1", roomId: room, epoch: 2, seq: 3 });
    records.push({ ...send, t: seq, result: "invoke", seq: null });
    records.push({ ...shown, device: "ana/1", epoch: 1, live: true });
    records.push({ ...send, t: seq, result: "ok", seq });
    records.push({ ...shown, device: "ben/1", epoch: seq < 4 ? 1 : 2, live: seq !== 4 });
    if (seq === 4) records.push({ kind: "caught_up", t: seq, device: "ben/1", roomId: room, epoch: 2, seq: 4 });
  }
  const stored = seqs.map((seq): StoredFact => ({
    roomId: room,
    seq,
    clientId: clientIdOf(seq),
    senderId: ana,
    text: textOf(seq),
    revision: 1,
    language: "es",
    pending: false,
    translations: [{ language: "en", status: "done", revision: 1, text: translated(textOf(seq), "en") }],
  }));
  const visible = seqs.map((seq): VisibleFact => ({
    seq,
    clientId: clientIdOf(seq),
    text: textOf(seq),
    revision: 2,
    translation: null,
  }));
  const deviceOf = (device: string, userId: UserId): DeviceFact => ({
    device,
    userId,
    roomId: room,
    kept: visible,
    cold: visible,
    receivedSeq: MESSAGES,
  });
  return {
    records,
    stored,
    devices: [deviceOf("ana/1", ana), deviceOf("ben/1", ben)],
    marks: [
      { roomId: room, userId: ben, deliveredSeq: 3, readSeq: 2 },
      { roomId: room, userId: ben, deliveredSeq: 6, readSeq: 6 },
    ],
    needs: new Map([[room, ["en"]]]),
    members: new Map([[room, [ana, ben]]]),
    registrations: [{ registrationId: ana, confirmed: true, users: 1, profiles: 1 }],
    engineCalls: new Map([["hola 1 en", 1]]),
    engineCallsMax: 3,
    expectedTranslation: translated,
    deadLetters: 1,
    poisonInjected: 1,
    unrouted: 0,
    unexpectedExits: [],
    unhandled: [],
    canaries: [],
  };
}

function replaceAt<Item>(items: Item[], index: number, change: (item: Item) => Item): void {
  const item = items[index];
  if (item === undefined) throw new Error(`no item at ${index}`);
  items[index] = change(item);
}

function swapSeqs(run: MutableEvidence, device: string, first: number, second: number): void {
  run.records = run.records.map((record) => {
    if (record.kind !== "shown" || record.device !== device) return record;
    const seq = record.seq === first ? second : record.seq === second ? first : record.seq;
    return { ...record, seq };
  });
}

type Plant = (run: MutableEvidence) => Partial<Evidence> | undefined;

/** Each plants one defect; the number is the invariant that must notice. */
const PLANTED: readonly (readonly [string, number, Plant])[] = [
  ["an acknowledged message that is not stored", 1, (run) => ({ stored: run.stored.slice(0, -1) })],
  [
    "an acknowledged message stored under another seq",
    1,
    (run) => {
      run.records = run.records.map((record) =>
        record.kind === "send" && record.seq === 6 ? { ...record, seq: 5 } : record,
      );
      return undefined;
    },
  ],
  [
    "a stored message that one device never shows",
    1,
    (run) => {
      replaceAt(run.devices, 1, (device) => ({ ...device, kept: device.kept.slice(1), cold: device.cold.slice(1) }));
      return undefined;
    },
  ],
  [
    "a message that nobody sent",
    2,
    (run) => {
      replaceAt(run.stored, 2, (message) => ({ ...message, text: "never sent" }));
      return undefined;
    },
  ],
  [
    "a message stored twice",
    3,
    (run) => {
      run.stored.push({ ...(run.stored[0] as StoredFact), seq: 7 });
      return undefined;
    },
  ],
  [
    "a message shown twice",
    3,
    (run) => {
      replaceAt(run.devices, 0, (device) => ({ ...device, kept: [...device.kept, ...device.kept.slice(-1)] }));
      return undefined;
    },
  ],
  [
    "a hole in a room's seqs",
    4,
    (run) => {
      replaceAt(run.stored, 5, (message) => ({ ...message, seq: 9 }));
      return undefined;
    },
  ],
  [
    "two messages swapped for one observer",
    4,
    (run) => {
      swapSeqs(run, "ben/1", 2, 3);
      return undefined;
    },
  ],
  [
    "a send that overtakes an earlier one of its device",
    4,
    (run) => {
      const first = run.records.findIndex((record) => record.kind === "send" && record.result === "invoke");
      const [record] = run.records.splice(first, 1);
      if (record !== undefined) run.records.push(record);
      return undefined;
    },
  ],
  [
    "k+1 shown live before k",
    5,
    (run) => {
      const index = run.records.findIndex(
        (record) => record.kind === "shown" && record.device === "ben/1" && record.seq === 5,
      );
      const [record] = run.records.splice(index, 1);
      if (record !== undefined) run.records.push(record);
      return undefined;
    },
  ],
  [
    "a message missed by a resume",
    5,
    (run) => {
      run.records = run.records.filter(
        (record) => !(record.kind === "shown" && record.device === "ben/1" && record.seq === 4),
      );
      return undefined;
    },
  ],
  [
    "caught_up twice",
    5,
    (run) => {
      const ended = run.records.find((record) => record.kind === "caught_up" && record.epoch === 2);
      if (ended !== undefined) run.records.push(ended);
      return undefined;
    },
  ],
  [
    "a device that differs from a fresh fetch",
    6,
    (run) => {
      replaceAt(run.devices, 1, (device) => ({
        ...device,
        kept: device.kept.map((message, index) => (index === 2 ? { ...message, revision: 1 } : message)),
      }));
      return undefined;
    },
  ],
  [
    "a translation that never ends",
    7,
    (run) => {
      replaceAt(run.stored, 1, (message) => ({ ...message, translations: [PENDING] }));
      return undefined;
    },
  ],
  [
    "pending work left over",
    7,
    (run) => {
      replaceAt(run.stored, 1, (message) => ({ ...message, pending: true }));
      return undefined;
    },
  ],
  [
    "another message's translation",
    7,
    (run) => {
      replaceAt(run.stored, 1, (message) => ({ ...message, translations: run.stored[0]?.translations ?? [] }));
      return undefined;
    },
  ],
  ["an engine asked without end", 7, () => ({ engineCalls: new Map([["hola 1 en", 4]]) })],
  [
    "a mark that falls",
    8,
    (run) => {
      run.marks.push({ roomId: room, userId: ben, deliveredSeq: 5, readSeq: 5 });
      return undefined;
    },
  ],
  [
    "a mark ahead of the device",
    8,
    (run) => {
      run.marks.push({ roomId: room, userId: ben, deliveredSeq: 7, readSeq: 6 });
      return undefined;
    },
  ],
  [
    "a confirmed registration with two users",
    9,
    () => ({ registrations: [{ registrationId: ana, confirmed: true, users: 2, profiles: 1 }] }),
  ],
  [
    "a user without a confirmed code",
    9,
    () => ({ registrations: [{ registrationId: ana, confirmed: false, users: 1, profiles: 1 }] }),
  ],
  ["an innocent message set aside", 10, () => ({ deadLetters: 2 })],
  ["an unrouted message", 10, () => ({ unrouted: 1 })],
  ["a process that died by itself", 11, () => ({ unexpectedExits: ["realtime-1 exited with 1"] })],
  ["a secret in a log", 11, () => ({ canaries: ["realtime-1.log"] })],
];

describe("the history checker", () => {
  it("accepts a sound run and counts it", () => {
    const { violations, counts } = checkHistory(soundRun());
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({
      attempted: MESSAGES,
      acknowledged: MESSAGES,
      stored: MESSAGES,
      lost: 0,
      recovered: 0,
    });
  });

  it("accepts a message that was stored though its sender never heard of it, and counts it as recovered", () => {
    const run = soundRun();
    const records = run.records.map((record) =>
      record.kind === "send" && record.result === "ok" && record.seq === 6
        ? { ...record, result: "info" as const, seq: null }
        : record,
    );
    const { violations, counts } = checkHistory({ ...run, records });
    expect(violations).toEqual([]);
    expect(counts.recovered).toBe(1);
  });

  it.each(PLANTED)("rejects %s", (_name, invariant, plant) => {
    const run = soundRun();
    const changed = plant(run);
    const found = checkHistory({ ...run, ...changed }).violations.map((violation) => violation.invariant);
    expect(found).toContain(invariant);
  });
});
