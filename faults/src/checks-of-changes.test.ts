import { describe, expect, it } from "vitest";
import { checkHistory } from "./checker";
import type { ChangeRecord, DeviceFact, HistoryRecord, StoredTranslationFact, VisibleFact } from "./history";
import {
  DELETED,
  EDITED,
  lookOf,
  replaceAt,
  soundRun,
  textOf,
  translated,
  translationOf,
  type MutableEvidence,
} from "./testing/sound-run";

const place = (seq: number) => seq - 1;
const OTHER_TEXT = "nadie lo pidió";
/** Of the text before the edit. */
const OLD: StoredTranslationFact = {
  language: "en",
  status: "done",
  revision: 1,
  text: translated(textOf(EDITED), "en"),
};

function isChange(record: HistoryRecord): record is ChangeRecord {
  return record.kind === "edit" || record.kind === "delete";
}

function changes(run: MutableEvidence, change: (record: ChangeRecord) => ChangeRecord[]): void {
  run.records = run.records.flatMap<HistoryRecord>((record) => (isChange(record) ? change(record) : [record]));
}

/** On the device of Ben, as both it and a fresh fetch have it. */
function visible(run: MutableEvidence, seq: number, look: Partial<VisibleFact>): void {
  const changed = (facts: DeviceFact["kept"]) => facts.map((fact) => (fact.seq === seq ? { ...fact, ...look } : fact));
  replaceAt(run.devices, 1, (device) => ({ ...device, kept: changed(device.kept), cold: changed(device.cold) }));
}

function showsLate(run: MutableEvidence, look: ReturnType<typeof lookOf>): void {
  run.records.push({ kind: "changed", t: 10, device: "ben/1", ...look });
}

/** Each plants one defect; the number is the invariant that must notice. */
const PLANTED: readonly (readonly [string, number, (run: MutableEvidence) => void])[] = [
  [
    "an acknowledged edit that is lost",
    1,
    (run) =>
      replaceAt(run.stored, place(EDITED), (message) => ({
        ...{ ...message, text: textOf(EDITED), revision: 1 },
        translations: [OLD],
      })),
  ],
  [
    "an acknowledged edit that another text has taken the place of",
    1,
    (run) => replaceAt(run.stored, place(EDITED), (message) => ({ ...message, text: OTHER_TEXT })),
  ],
  [
    "an acknowledged deletion that is lost",
    1,
    (run) => replaceAt(run.stored, place(DELETED), (message) => ({ ...message, text: textOf(DELETED) })),
  ],
  [
    "an edit that was refused and yet stands",
    2,
    (run) =>
      changes(run, (record) => [
        record.kind === "edit" && record.result === "ok" ? { ...record, result: "fail" } : record,
      ]),
  ],
  [
    "a deletion that nobody asked for",
    2,
    (run) => changes(run, (record) => (record.kind === "delete" ? [] : [record])),
  ],
  [
    "a text that is shown at another revision than its own",
    2,
    (run) => showsLate(run, lookOf(EDITED, { revision: 2 })),
  ],
  [
    "two texts of one revision, where two devices edited at once",
    2,
    (run) => {
      changes(run, (record) =>
        record.kind === "edit" ? [record, { ...record, text: OTHER_TEXT, result: "info" }] : [record],
      );
      showsLate(run, lookOf(EDITED, { text: OTHER_TEXT, revision: 2 }));
    },
  ],
  ["a device that goes back to an older revision", 5, (run) => showsLate(run, lookOf(EDITED))],
  ["a deleted message that comes back", 5, (run) => showsLate(run, lookOf(DELETED))],
  [
    "a device and a fresh fetch that both lack an edit",
    6,
    (run) => visible(run, EDITED, { text: textOf(EDITED), revision: 1, translation: null, translationOf: null }),
  ],
  ["a fetch that shows what is deleted", 6, (run) => visible(run, DELETED, { text: textOf(DELETED) })],
  [
    "the text of a deleted message left in the database",
    6,
    (run) =>
      replaceAt(run.stored, place(DELETED), (message) => ({ ...message, remains: `{"old":"${textOf(DELETED)}"}` })),
  ],
  [
    "a deleted message whose translation a device still shows",
    6,
    (run) => showsLate(run, lookOf(DELETED, { text: null, translation: translationOf(textOf(DELETED), 1) })),
  ],
  [
    "a late translation of the older revision that stays in the database",
    7,
    (run) =>
      replaceAt(run.stored, place(EDITED), (message) => ({
        ...message,
        translations: [...message.translations, { ...OLD, language: "fr" as const }],
      })),
  ],
  [
    "a translation of the older text under the newer revision",
    7,
    (run) =>
      showsLate(
        run,
        lookOf(EDITED, { text: "hola de nuevo", revision: 2, translation: translationOf(textOf(EDITED), 2) }),
      ),
  ],
  [
    "a translation of another message, shown for a moment",
    7,
    (run) => showsLate(run, lookOf(5, { translation: translationOf(textOf(6), 1) })),
  ],
];

describe("the history checker, of edits and deletions", () => {
  it.each(PLANTED)("rejects %s", (_name, invariant, plant) => {
    const run = soundRun();
    plant(run);
    expect(checkHistory(run).violations.map((violation) => violation.invariant)).toContain(invariant);
  });

  it("accepts an edit and a deletion of which no answer came, whether they happened or not", () => {
    const run = soundRun();
    changes(run, (record) => [record.result === "ok" ? { ...record, result: "info" } : record]);
    expect(checkHistory(run).violations).toEqual([]);
    changes(run, (record) => [
      record,
      { ...record, seq: 5, text: record.text === null ? null : OTHER_TEXT, result: "info" },
    ]);
    expect(checkHistory(run).violations).toEqual([]);
  });

  it("accepts the translation of the older text while the newer one is being made", () => {
    const { violations, counts } = checkHistory(soundRun());
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ edited: 1, deleted: 1 });
  });
});
