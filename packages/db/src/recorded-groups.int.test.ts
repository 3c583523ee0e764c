import type { Announcement, StoredMessage } from "@ashchat/contracts/announcements";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { recordTranslations, type TranslationRecord } from "@ashchat/core/conversation/record-translation";
import { rescuePending } from "@ashchat/core/conversation/rescue";
import { ok } from "@ashchat/contracts/result";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Stores } from "./connect";
import { must, newChange, newMessage, testDatabase, type TestDatabase } from "./testing";
import { startTcpProxy } from "./testing/tcp-proxy";

/** What decision 0014 promises of results that are recorded together, on the real server. */
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

const LANGUAGES = ["en", "fr", "de", "it", "pt"] as const satisfies readonly Language[];
const NOW = 10_000;

function worker(stores: Stores = database.stores, crash: (name: string) => void = () => undefined) {
  const announced: Announcement[] = [];
  const deps = {
    ...stores,
    announcer: { announce: (one: Announcement) => void announced.push(one) },
    clock: { now: () => NOW },
    newChangeId: () => newId("chg"),
    crash,
  };
  return { deps, announced };
}

async function say(roomId: RoomId = newId("room")): Promise<StoredMessage> {
  const message = newMessage({ roomId, needs: LANGUAGES, sentAt: NOW });
  return must(await database.stores.writer.append(message)).message;
}

function recordsOf(message: StoredMessage): TranslationRecord[] {
  const { roomId, seq, revision } = message;
  return LANGUAGES.map((language) => ({
    ...{ roomId, seq, revision, language },
    translation: { status: "done", revision, text: `${seq} ${language}`, engine: "test", at: NOW } as const,
  }));
}

async function logOf(roomId: RoomId) {
  return must(await database.stores.messages.changesAfter(roomId, 0, 1_000));
}

async function read({ roomId, seq }: { roomId: RoomId; seq: number }): Promise<StoredMessage> {
  const message = must(await database.stores.messages.find(roomId, seq));
  if (message === null) throw new Error("the message is gone");
  return message;
}

async function owedCount(): Promise<number> {
  const owed = { $or: [{ dueAt: { $exists: true } }, { "unlogged.0": { $exists: true } }] };
  return database.raw.collection("messages").countDocuments(owed);
}

/** One turn of the sweep when everything has become due; what it announced of changes. */
async function sweep(): Promise<string[]> {
  const { deps, announced } = worker();
  const rescue = {
    ...deps,
    clock: { now: () => NOW + LIMITS.pendingDueMaxMs + LIMITS.pendingFirstDueMs },
    publisher: { publish: async () => ok(undefined), offer: () => undefined },
    newCorrelationId: () => "sweep-12345",
    queueLength: async () => ok(0),
  };
  must(await rescuePending(rescue));
  return changeIdsOf(announced);
}

function changeIdsOf(announced: readonly Announcement[]): string[] {
  return announced.flatMap((one) => (one.kind === "change" ? [one.change.changeId] : []));
}

function isWritten(outcome: Awaited<ReturnType<typeof recordTranslations>>[number]): boolean {
  return outcome.ok && outcome.value !== null;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("translations that are ready at the same time", () => {
  test("are three write commands, however many and in however many rooms they are", async () => {
    const rooms = [newId("room"), newId("room"), newId("room")];
    const messages = [];
    for (const roomId of rooms) messages.push(await say(roomId), await say(roomId));
    const writes: string[] = [];
    const own = await database.connectAgain({
      onCommand: ({ commandName, command }) => {
        if (!["find", "hello", "ping", "endSessions"].includes(commandName))
          writes.push(`${commandName} ${String(command[commandName])}`);
      },
    });
    const { deps, announced } = worker(own.stores);
    const outcomes = await recordTranslations(deps, messages.flatMap(recordsOf));
    expect(outcomes.every(isWritten)).toBe(true);
    expect(writes).toEqual(["update messages", "insert changes", "update messages"]);

    expect(announced).toHaveLength(messages.length * LANGUAGES.length);
    for (const message of messages) {
      const stored = await read(message);
      expect(stored.version).toBe(1 + LANGUAGES.length);
      expect(Object.keys(stored.translations).toSorted()).toEqual([...LANGUAGES].toSorted());
      for (const language of LANGUAGES) {
        expect(stored.translations[language]).toMatchObject({ status: "done", text: `${message.seq} ${language}` });
      }
    }
    expect(await owedCount()).toBe(0);
  });

  test("P3, P15: are numbered in their order, each once and without holes, also by two processes at once", async () => {
    const roomId = newId("room");
    const first = [await say(roomId), await say(roomId)];
    const second = [await say(roomId), await say(roomId)];
    const other = await database.connectAgain();
    const [one, two] = [worker(), worker(other.stores)];
    await Promise.all([
      recordTranslations(one.deps, first.flatMap(recordsOf)),
      recordTranslations(two.deps, second.flatMap(recordsOf)),
    ]);
    const log = await logOf(roomId);
    expect(log.map(({ seq }) => seq)).toEqual(upTo(20));
    expect(new Set(log.map(({ changeId }) => changeId)).size).toBe(20);
    for (const { announced } of [one, two]) {
      const seqs = announced.flatMap((told) => (told.kind === "change" ? [told.change.seq] : []));
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(seqs).toHaveLength(10);
    }
    expect(await owedCount()).toBe(0);
  });

  test("P7: the same results by two processes are written once, announced once and logged once", async () => {
    const message = await say();
    const other = await database.connectAgain();
    const workers = [worker(), worker(other.stores)];
    const outcomes = await Promise.all(workers.map(({ deps }) => recordTranslations(deps, recordsOf(message))));
    expect(outcomes.flat().filter(isWritten)).toHaveLength(LANGUAGES.length);
    expect(outcomes.flat().every((outcome) => outcome.ok)).toBe(true);
    expect((await read(message)).version).toBe(1 + LANGUAGES.length);
    expect(await logOf(message.roomId)).toHaveLength(LANGUAGES.length);
    expect(workers.flatMap(({ announced }) => changeIdsOf(announced))).toHaveLength(LANGUAGES.length);
  });

  test("P8: an edit and a deletion beat their own messages' results and nobody else's", async () => {
    const roomId = newId("room");
    const [edited, deleted, kept] = [await say(roomId), await say(roomId), await say(roomId)];
    const late = [edited, deleted, kept].flatMap(recordsOf);
    const { messages } = database.stores;
    const change = newChange();
    must(await messages.edit({ ...edited, revision: 1, text: "adiós", language: "es", needs: ["en"], change }));
    must(await messages.delete({ ...deleted, change: newChange({ kind: "deleted" }) }));
    const { deps, announced } = worker();
    const outcomes = await recordTranslations(deps, late);
    expect(outcomes.map(isWritten)).toEqual(late.map(({ seq }) => seq === kept.seq));
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(await read(edited)).toMatchObject({
      text: "adiós",
      translations: { en: { status: "pending", revision: 2 } },
    });
    expect(await read(deleted)).toMatchObject({ text: null, translations: {} });
    expect(announced.every((told) => told.kind === "change" && told.message.seq === kept.seq)).toBe(true);
  });

  test("P8, P15: an edit between the write and its announcement: rooms hear of the message as it is by then", async () => {
    const message = await say();
    const { messages } = database.stores;
    const { deps, announced } = worker();
    const edit = { ...message, revision: 1, text: "adiós", language: "es", needs: [], change: newChange() } as const;
    const setTranslations: typeof messages.setTranslations = async (results) => {
      const outcomes = await messages.setTranslations(results);
      must(await messages.edit(edit));
      return outcomes;
    };
    await recordTranslations({ ...deps, messages: { ...messages, setTranslations } }, recordsOf(message));
    expect(await read(message)).toMatchObject({ text: "adiós", revision: 2, version: 2 + LANGUAGES.length });
    expect(await logOf(message.roomId)).toHaveLength(LANGUAGES.length);
    expect(announced).toHaveLength(LANGUAGES.length);
    // The edit itself is still owed, to its own process or to the sweep.
    expect(await sweep()).toEqual([edit.change.changeId]);
    expect(await owedCount()).toBe(0);
  });
});

describe("where a group meets a failure", () => {
  test("a statement that fails fails its result alone", async () => {
    const [broken, whole] = [await say(), await say()];
    const place = { roomId: broken.roomId, seq: broken.seq };
    await database.raw.collection("messages").updateOne(place, { $set: { "pending.languages": "no list" } });
    const { deps, announced } = worker();
    const outcomes = await recordTranslations(deps, [...recordsOf(broken), ...recordsOf(whole)]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([
      ...LANGUAGES.map(() => false),
      ...LANGUAGES.map(() => true),
    ]);
    expect(outcomes.slice(LANGUAGES.length).every(isWritten)).toBe(true);
    expect(announced).toHaveLength(LANGUAGES.length);
    expect((await read(broken)).version).toBe(1);
    expect((await read(whole)).version).toBe(1 + LANGUAGES.length);
  });

  test("a command whose answer is lost fails all as retryable; the repeat changes nothing, and the sweep tells each once", async () => {
    const messages = [await say(), await say()];
    const records = messages.flatMap(recordsOf);
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = `${proxy.through(database.url)}?directConnection=true`;
    const far = await database.connectAgain({ url, timeoutMs: 1_000 });
    must(await far.stores.messages.findMany(messages[0]?.roomId ?? newId("room"), [1]));
    proxy.loseReplies();
    const lost = worker(far.stores);
    const outcomes = await recordTranslations(lost.deps, records);
    expect(outcomes.map((outcome) => (outcome.ok ? null : outcome.error.retryable))).toEqual(records.map(() => true));
    expect(lost.announced).toEqual([]);
    await far.close();
    await proxy.close();

    const repeat = worker();
    expect(await recordTranslations(repeat.deps, records)).toEqual(records.map(() => ok(null)));
    expect(repeat.announced).toEqual([]);
    const told = await sweep();
    expect(new Set(told).size).toBe(records.length);
    expect(told).toHaveLength(records.length);
    for (const { roomId } of messages)
      expect((await logOf(roomId)).map(({ seq }) => seq)).toEqual(upTo(LANGUAGES.length));
    expect(await owedCount()).toBe(0);
  });

  test.each(["change.after_write", "change.after_log"])(
    "P6, P15: killed at %s the sweep logs every change of the group once and tells the rooms",
    async (step) => {
      const messages = [await say(), await say()];
      const { deps } = worker(database.stores, (name) => {
        if (name === step) throw new Error(`killed at ${name}`);
      });
      await expect(recordTranslations(deps, messages.flatMap(recordsOf))).rejects.toThrow(`killed at ${step}`);
      expect(await owedCount()).toBe(messages.length);
      expect(new Set(await sweep()).size).toBe(messages.length * LANGUAGES.length);
      for (const { roomId } of messages) {
        expect((await logOf(roomId)).map(({ seq }) => seq)).toEqual(upTo(LANGUAGES.length));
      }
      expect(await owedCount()).toBe(0);
      expect(await sweep()).toEqual([]);
    },
  );
});
