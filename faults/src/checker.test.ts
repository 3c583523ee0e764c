import { describe, expect, it } from "vitest";
import { checkHistory } from "./checker";
import type { LetterFact, RegistrationFact, StoredFact, StoredTranslationFact } from "./history";
import {
  ana,
  ben,
  MESSAGES,
  POISON,
  replaceAt,
  room,
  soundRun,
  type MutableEvidence,
  type Plant,
} from "./testing/sound-run";

const REGISTRATION: RegistrationFact = {
  registrationId: ana,
  confirmed: false,
  lacksMail: false,
  users: 0,
  profiles: 0,
};
const INNOCENT: LetterFact = { queue: "WORK", body: "{}" };
const PENDING: StoredTranslationFact = { language: "en", status: "pending", revision: 1, text: null };

function swapSeqs(run: MutableEvidence, device: string, first: number, second: number): void {
  run.records = run.records.map((record) => {
    if (record.kind !== "shown" || record.device !== device) return record;
    const seq = record.seq === first ? second : record.seq === second ? first : record.seq;
    return { ...record, seq };
  });
}

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
      replaceAt(run.stored, 0, (message) => ({ ...message, text: "never sent" }));
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
      const ended = run.records.find((record) => record.kind === "caught_up" && record.socket === 2);
      if (ended !== undefined) run.records.push(ended);
      return undefined;
    },
  ],
  [
    "a resume on the last socket that is never answered",
    5,
    (run) => {
      run.records = run.records.filter((record) => !(record.kind === "caught_up" && record.socket === 2));
      return undefined;
    },
  ],
  [
    "a second resume that is never answered",
    5,
    (run) => {
      run.records.push({ kind: "resume_from", t: 9, device: "ben/1", roomId: room, socket: 2, seq: 6 });
      return undefined;
    },
  ],
  [
    "caught_up on another socket than the one that asked",
    5,
    (run) => {
      run.records = run.records.map((record) =>
        record.kind === "caught_up" && record.socket === 2 ? { ...record, socket: 3 } : record,
      );
      return undefined;
    },
  ],
  [
    "a device that differs from a fresh fetch",
    6,
    (run) => {
      replaceAt(run.devices, 1, (device) => ({
        ...device,
        kept: device.kept.map((message, index) => (index === 4 ? { ...message, revision: 2 } : message)),
      }));
      return undefined;
    },
  ],
  [
    "a translation that never ends",
    7,
    (run) => {
      replaceAt(run.stored, 0, (message) => ({ ...message, translations: [PENDING] }));
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
      replaceAt(run.stored, 4, (message) => ({ ...message, translations: run.stored[0]?.translations ?? [] }));
      return undefined;
    },
  ],
  ["an engine asked without end", 7, () => ({ engineCalls: new Map([["hola 1 en", 4]]) })],
  [
    "a mark that falls",
    8,
    (run) => {
      run.marks.push({ t: 9, roomId: room, userId: ben, deliveredSeq: 5, readSeq: 5 });
      return undefined;
    },
  ],
  [
    "a mark ahead of the device",
    8,
    (run) => {
      run.marks.push({ t: 9, roomId: room, userId: ben, deliveredSeq: 7, readSeq: 6 });
      return undefined;
    },
  ],
  [
    "a mark that was there before the message was shown",
    8,
    (run) => {
      replaceAt(run.marks, 1, (mark) => ({ ...mark, t: 5 }));
      return undefined;
    },
  ],
  [
    "a confirmed registration with two users",
    9,
    () => ({ registrations: [{ ...REGISTRATION, confirmed: true, users: 2, profiles: 1 }] }),
  ],
  [
    "a confirmed registration without a profile",
    9,
    () => ({ registrations: [{ ...REGISTRATION, confirmed: true, users: 1, profiles: 0 }] }),
  ],
  ["a user without a confirmed code", 9, () => ({ registrations: [{ ...REGISTRATION, users: 1, profiles: 1 }] })],
  ["a code that was promised and never mailed", 9, () => ({ registrations: [{ ...REGISTRATION, lacksMail: true }] })],
  [
    "an innocent message set aside",
    10,
    (run) => ({ deadLetters: [...run.deadLetters, { ...INNOCENT, reason: "late" }] }),
  ],
  [
    "an innocent message set aside in the place of the poison",
    10,
    () => ({ deadLetters: [{ ...INNOCENT, reason: "late" }] }),
  ],
  [
    "poison in the dead letters of another queue",
    10,
    () => ({ deadLetters: [{ ...POISON, queue: "OTHER", reason: "invalid" }] }),
  ],
  ["poison that is nowhere", 10, () => ({ deadLetters: [] })],
  ["poison set aside without its reason", 10, () => ({ deadLetters: [{ ...POISON, reason: null }] })],
  ["messages that stay in an outbox for ever", 1, () => ({ unsent: 3 })],
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

  it("accepts poison that was set aside twice: its worker died before it was acknowledged", () => {
    const run = soundRun();
    expect(checkHistory({ ...run, deadLetters: [...run.deadLetters, ...run.deadLetters] }).violations).toEqual([]);
  });

  it("accepts two questions of one socket about a room that are answered once, and none after it was closed", () => {
    const run = soundRun();
    const asked = { kind: "resume_from", device: "ben/1", roomId: room, seq: 6 } as const;
    run.records.push({ ...asked, t: 9, socket: 2 }, { ...asked, t: 9, socket: 2 });
    run.records.push({ ...asked, kind: "caught_up", t: 9, socket: 2 }, { ...asked, t: 9, socket: 2 });
    run.records.push({ kind: "socket_closed", t: 9, device: "ben/1", socket: 2 });
    expect(checkHistory(run).violations).toEqual([]);
  });

  it.each(PLANTED)("rejects %s", (_name, invariant, plant) => {
    const run = soundRun();
    const changed = plant(run);
    const found = checkHistory({ ...run, ...changed }).violations.map((violation) => violation.invariant);
    expect(found).toContain(invariant);
  });
});
