import type { StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import { newId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { NewMessage, Outcome, TranslationResult, UnloggedChange } from "@ashchat/core/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, newChange, newMessage, testDatabase, type TestDatabase } from "../testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function send(overrides: Partial<NewMessage> = {}) {
  return must(await database.stores.writer.append(newMessage(overrides))).message;
}

function done(revision: number, text = "hello"): StoredTranslation {
  return { status: "done", revision, text, engine: "test", at: 3_000 };
}

function translated(language: Language, at = 3_000): UnloggedChange {
  return newChange({ kind: "translated", language, at });
}

/** The outcome of one result that comes alone. */
async function setTranslation(result: TranslationResult): Outcome<StoredMessage | null> {
  const [outcome] = await database.stores.messages.setTranslations([result]);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

interface Owed {
  pending?: { languages: Language[]; tries: number };
  unlogged: UnloggedChange[];
  dueAt?: number;
}

async function owedTo(message: { roomId: string; seq: number }): Promise<Owed | null> {
  return database.raw.collection<Owed>("messages").findOne({ roomId: message.roomId, seq: message.seq });
}

describe("P7: one translation per message, revision and language", () => {
  test("of two workers with the same job one writes; the other's result is dropped", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en"] });
    const results = await Promise.all(
      ["one", "two"].map((text) =>
        setTranslation({
          ...message,
          revision: 1,
          language: "en",
          translation: done(1, text),
          change: translated("en"),
        }),
      ),
    );
    const written = results.map((result) => must(result)).filter((stored) => stored !== null);
    expect(written).toHaveLength(1);
    const stored = must(await messages.find(message.roomId, message.seq));
    expect(stored).toEqual(written[0]);
    expect(stored?.version).toBe(2);
    expect((await owedTo(message))?.unlogged).toHaveLength(1);
  });

  test("a failed one may be replaced by a done one, a done one by nothing", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en"] });
    const result = { ...message, revision: 1, language: "en" as const };
    const failed = { status: "failed", revision: 1, reason: "engine_failed", at: 1 } as const;
    must(await setTranslation({ ...result, translation: failed, change: translated("en") }));
    expect(must(await setTranslation({ ...result, translation: done(1), change: translated("en") }))).not.toBeNull();
    expect(must(await setTranslation({ ...result, translation: failed, change: translated("en") }))).toBeNull();
    expect(must(await messages.find(message.roomId, 1))?.translations).toEqual({ en: done(1) });
  });

  test("each result clears its own language from the pending work", async () => {
    const message = await send({ needs: ["en", "fr"] });
    must(
      await setTranslation({
        ...message,
        revision: 1,
        language: "en",
        translation: done(1),
        change: translated("en"),
      }),
    );
    expect((await owedTo(message))?.pending?.languages).toEqual(["fr"]);
  });
});

describe("P8: an edit or deletion beats a late translation", () => {
  test("the translation of the old text is refused after an edit", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en"] });
    const edited = must(
      await messages.edit({
        ...message,
        revision: 1,
        text: "adiós",
        language: "es",
        needs: ["en"],
        change: newChange(),
      }),
    );
    expect(edited).toMatchObject({ revision: 2, version: 2, text: "adiós", editedAt: 2_000 });
    const late = await setTranslation({
      ...message,
      revision: 1,
      language: "en",
      translation: done(1),
      change: translated("en"),
    });
    expect(must(late)).toBeNull();
    const onTime = await setTranslation({
      ...message,
      revision: 2,
      language: "en",
      translation: done(2, "bye"),
      change: translated("en"),
    });
    expect(must(onTime)?.translations.en).toEqual(done(2, "bye"));
  });

  test("at the same moment: whatever comes first, the room ends with the new text and no translation of the old one as current", async () => {
    const { messages } = database.stores;
    for (let round = 0; round < 10; round += 1) {
      const message = await send({ needs: ["en"] });
      const [edited] = await Promise.all([
        messages.edit({ ...message, revision: 1, text: "adiós", language: "es", needs: ["en"], change: newChange() }),
        setTranslation({
          ...message,
          revision: 1,
          language: "en",
          translation: done(1),
          change: translated("en"),
        }),
      ]);
      expect(must(edited)?.revision).toBe(2);
      const stored = must(await messages.find(message.roomId, message.seq));
      expect(stored?.text).toBe("adiós");
      const english = stored?.translations.en;
      expect(english?.status === "done" ? english.revision : "pending").not.toBe(2);
      expect((await owedTo(message))?.pending?.languages).toEqual(["en"]);
    }
  });

  test("a deleted message keeps its place, loses text and translations, and takes no translation and no edit", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en"] });
    must(
      await setTranslation({
        ...message,
        revision: 1,
        language: "en",
        translation: done(1),
        change: translated("en"),
      }),
    );
    const deleted = must(await messages.delete({ ...message, change: newChange({ kind: "deleted", at: 7 }) }));
    expect(deleted).toMatchObject({ seq: message.seq, text: null, deletedAt: 7, translations: {}, version: 3 });
    expect(must(await messages.delete({ ...message, change: newChange({ kind: "deleted" }) }))).toBeNull();
    const late = await setTranslation({
      ...message,
      revision: 1,
      language: "fr",
      translation: done(1),
      change: translated("fr"),
    });
    expect(must(late)).toBeNull();
    const edit = await messages.edit({
      ...message,
      revision: 1,
      text: "x",
      language: "es",
      needs: [],
      change: newChange(),
    });
    expect(must(edit)).toBeNull();
    const asked = await messages.requestTranslation({
      roomId: message.roomId,
      seqs: [message.seq],
      language: "fr",
      now: 1,
    });
    expect(must(asked)).toEqual([]);
  });

  test("of two edits of the same revision one wins, the other learns that it lost", async () => {
    const { messages } = database.stores;
    const message = await send();
    const edits = await Promise.all(
      ["uno", "dos"].map((text) =>
        messages.edit({ ...message, revision: 1, text, language: "es", needs: [], change: newChange() }),
      ),
    );
    const winners = edits.map((edit) => must(edit)).filter((edit) => edit !== null);
    expect(winners).toHaveLength(1);
    expect(must(await messages.find(message.roomId, 1))).toEqual(winners[0]);
  });

  test("an edit keeps the old translation, marked by its revision, only where a new one is on its way", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en", "fr"] });
    for (const language of ["en", "fr"] as const) {
      must(
        await setTranslation({
          ...message,
          revision: 1,
          language,
          translation: done(1),
          change: translated(language),
        }),
      );
    }
    const edited = must(
      await messages.edit({
        ...message,
        revision: 1,
        text: "x",
        language: "es",
        needs: ["de", "en"],
        change: newChange(),
      }),
    );
    expect(edited?.translations).toEqual({ en: done(1), de: { status: "pending", revision: 2 } });
    expect((await owedTo(message))?.pending).toMatchObject({ languages: ["de", "en"], tries: 0 });
  });
});

describe("asking for translations", () => {
  test("marks what has none, a failed or a stale one, and leaves the rest alone", async () => {
    const { messages } = database.stores;
    const roomId = newId("room");
    const none = await send({ roomId });
    const pending = await send({ roomId, needs: ["en"] });
    const finished = await send({ roomId, needs: ["en"] });
    const failed = await send({ roomId, needs: ["en"] });
    const failure = { status: "failed", revision: 1, reason: "gave_up", at: 1 } as const;
    for (const [message, translation] of [
      [finished, done(1)],
      [failed, failure],
    ] as const) {
      must(
        await setTranslation({
          ...message,
          revision: 1,
          language: "en",
          translation,
          change: translated("en"),
        }),
      );
    }
    const seqs = [none, pending, finished, failed].map((message) => message.seq);
    const requested = must(await messages.requestTranslation({ roomId, seqs, language: "en", now: 5_000 }));
    expect(requested.map((message) => message.seq).toSorted((a, b) => a - b)).toEqual([none.seq, failed.seq]);
    for (const message of requested) expect(message.translations.en).toEqual({ status: "pending", revision: 1 });
    expect(await owedTo(none)).toMatchObject({
      pending: { languages: ["en"], tries: 0 },
      dueAt: 5_000 + LIMITS.pendingFirstDueMs,
    });
    expect(must(await messages.requestTranslation({ roomId, seqs, language: "en", now: 5_000 }))).toEqual([]);
  });
});

describe("the change log of a room", () => {
  test("P3: changes logged at once by two processes are numbered 1…n without holes, each once", async () => {
    const other = await database.connectAgain();
    const message = await send();
    const changes = Array.from({ length: 40 }, () => newChange());
    const logged = await Promise.all(
      changes.flatMap((change) => [
        database.stores.messages.logChange(message.roomId, 1, change),
        other.stores.messages.logChange(message.roomId, 1, change),
      ]),
    );
    const log = must(await database.stores.messages.changesAfter(message.roomId, 0, 100));
    expect(log.map((change) => change.seq)).toEqual(changes.map((_, index) => index + 1));
    expect(new Set(log.map((change) => change.changeId))).toEqual(new Set(changes.map((change) => change.changeId)));
    for (const [index, outcome] of logged.entries()) {
      expect(must(outcome)).toEqual(log.find((change) => change.changeId === changes[Math.floor(index / 2)]?.changeId));
    }
    expect(must(await database.stores.messages.heads([message.roomId])).get(message.roomId)).toEqual({
      seq: 1,
      changeSeq: 40,
    });
  });

  test("a change stands in the message until it is settled, the others stay", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en", "fr"] });
    const [first, second] = [translated("en"), translated("fr")];
    must(await setTranslation({ ...message, revision: 1, language: "en", translation: done(1), change: first }));
    must(await setTranslation({ ...message, revision: 1, language: "fr", translation: done(1), change: second }));
    must(await messages.logChange(message.roomId, message.seq, first));
    expect((await owedTo(message))?.unlogged).toEqual([first, second]);
    must(await messages.settle([{ ...message, changeIds: [first.changeId] }]));
    expect((await owedTo(message))?.unlogged).toEqual([second]);
  });
});

describe("P6: pending work ends", () => {
  test("nothing is settled while something is owed; then the message leaves the sweep", async () => {
    const { messages } = database.stores;
    const message = await send({ needs: ["en"] });
    const change = translated("en");
    must(await messages.settle([{ ...message, changeIds: [] }]));
    expect(await owedTo(message)).toHaveProperty("dueAt");
    must(await setTranslation({ ...message, revision: 1, language: "en", translation: done(1), change }));
    must(await messages.settle([{ ...message, changeIds: [] }]));
    expect(await owedTo(message)).toHaveProperty("dueAt");
    must(await messages.logChange(message.roomId, message.seq, change));
    must(await messages.settle([{ ...message, changeIds: [change.changeId] }]));
    const owed = await owedTo(message);
    expect(owed).not.toHaveProperty("dueAt");
    expect(owed).not.toHaveProperty("pending");
  });

  test("a message that needs nothing is never due", async () => {
    expect(await owedTo(await send())).not.toHaveProperty("dueAt");
  });
});

describe("P6: the sweep's claims", () => {
  let own: TestDatabase;
  beforeAll(async () => {
    own = await testDatabase();
  });
  afterAll(() => own.close());

  test("each due message is claimed once per due time, by one of many sweeps, and again later with one try more", async () => {
    const { messages, writer } = own.stores;
    const other = await own.connectAgain();
    const roomId = newId("room");
    const count = 6;
    for (let index = 0; index < count; index += 1)
      must(await writer.append(newMessage({ roomId, needs: ["en"], sentAt: index })));
    const firstDue = LIMITS.pendingFirstDueMs;
    expect(must(await messages.claimDue(firstDue - 1))).toBeNull();

    const now = firstDue + count;
    const claims = await Promise.all(
      Array.from({ length: count * 3 }, (_, index) => (index % 2 === 0 ? own : other).stores.messages.claimDue(now)),
    );
    let claimed = claims.map((claim) => must(claim)).filter((claim) => claim !== null);
    // Who loses every race may come away with nothing; the next turn finds what is left.
    for (let turn = 0; turn < count && claimed.length < count; turn += 1) {
      const next = must(await messages.claimDue(now));
      if (next !== null) claimed = [...claimed, next];
    }
    expect(claimed.map((claim) => claim.message.seq).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(claimed.every((claim) => claim.tries === 1 && claim.needs.join() === "en")).toBe(true);
    expect(must(await messages.claimDue(now))).toBeNull();

    const later = must(await messages.claimDue(now + LIMITS.pendingDueMaxMs));
    expect(later?.tries).toBe(2);
  });

  test("a claim carries the changes that the log does not have", async () => {
    const { messages, writer } = own.stores;
    const { message } = must(await writer.append(newMessage({ sentAt: 0 })));
    const change = newChange({ at: 0 });
    must(await messages.edit({ ...message, revision: 1, text: "x", language: "es", needs: [], change }));
    const claims = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const claim = must(await messages.claimDue(LIMITS.pendingFirstDueMs));
      if (claim === null) break;
      claims.push(claim);
    }
    const mine = claims.find((claim) => claim.message.roomId === message.roomId);
    expect(mine).toMatchObject({ needs: [], unlogged: [change], tries: 1, message: { text: "x", revision: 2 } });
  });
});

describe("pages of history", () => {
  test("lie strictly between their ends, ascending, from the end that was asked for", async () => {
    const { messages } = database.stores;
    const roomId = newId("room");
    for (let index = 0; index < 10; index += 1) await send({ roomId });
    const page = async (query: { after: number; before: number | null; limit: number; newest: boolean }) =>
      must(await messages.page({ roomId, ...query })).map((message) => message.seq);
    expect(await page({ after: 2, before: 8, limit: 3, newest: false })).toEqual([3, 4, 5]);
    expect(await page({ after: 2, before: 8, limit: 3, newest: true })).toEqual([5, 6, 7]);
    expect(await page({ after: 7, before: null, limit: 50, newest: false })).toEqual([8, 9, 10]);
    expect(must(await messages.findMany(roomId, [9, 2, 99])).map((message) => message.seq)).toEqual([2, 9]);
    expect(must(await messages.findMany(roomId, []))).toEqual([]);
    const silent = newId("room");
    expect(must(await messages.heads([roomId, silent]))).toEqual(
      new Map([
        [roomId, { seq: 10, changeSeq: 0 }],
        [silent, { seq: 0, changeSeq: 0 }],
      ]),
    );
    expect([must(await messages.headOf(roomId)), must(await messages.headOf(silent))]).toEqual([10, 0]);
    const lasts = must(await messages.lastOf([roomId, silent]));
    expect([...lasts.entries()].map(([room, last]) => [room, last.seq])).toEqual([[roomId, 10]]);
  });
});
