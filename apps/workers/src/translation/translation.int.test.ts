import type { StoredMessage } from "@ashchat/contracts/announcements";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES, type TranslationJob } from "@ashchat/contracts/queues";
import { deleteMessage } from "@ashchat/core/conversation/delete-message";
import { editMessage } from "@ashchat/core/conversation/edit-message";
import { requestTranslation } from "@ashchat/core/conversation/request-translation";
import { must } from "@ashchat/db/testing";
import { systemClock } from "@ashchat/runtime/clock";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { testEnv, waitFor } from "@ashchat/runtime/testing";
import { createApertium } from "@ashchat/translate/engines/apertium";
import { createScriptedEngine, failing, honest } from "@ashchat/translate/testing/scripted-engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTranslationBench, type TestRoom, type TranslationBench } from "./testing/bench";

let bench: TranslationBench;
beforeEach(async () => {
  bench = await openTranslationBench();
});
afterEach(() => bench.close());

const apertium = () => createApertium({ url: testEnv("ASH_TEST_APERTIUM_URL"), clock: systemClock });

function jobFor(message: StoredMessage): TranslationJob {
  const { roomId, seq, revision } = message;
  return {
    v: 1,
    type: "message.translate",
    correlationId: newCorrelationId(),
    roomId,
    seq,
    revision,
    language: "en",
    clientId: null,
  };
}

async function changesOf({ room }: TestRoom) {
  return must(await bench.database.stores.messages.changesAfter(room.roomId, 0, 100));
}

/** So many deliveries have been answered for, whatever became of them. */
async function waitUntilSettled(deliveries: number): Promise<void> {
  const settled = bench.queues.metrics.counter("queue_consumed_total", "Deliveries by outcome", ["queue", "outcome"]);
  await waitFor(async () => (await settled.get()).values.reduce((sum, { value }) => sum + value, 0) >= deliveries, {
    what: `${deliveries} settled deliveries`,
  });
}

describe("a message", () => {
  test("is translated by a real engine, stored, logged and announced, and owes nothing any more", async () => {
    const room = await bench.openRoom("en", "fr");
    bench.startWorker([apertium()]);
    const sent = await room.say("Buenos días, amigo. Mira https://example.org/a_b?c=1 el 2024-01-31 😀");
    expect(sent.translations).toEqual({
      en: { status: "pending", revision: sent.revision },
      fr: { status: "pending", revision: sent.revision },
    });

    await room.ended(sent.seq, "en");
    const done = await room.ended(sent.seq, "fr");
    expect(done.translations.en).toMatchObject({
      status: "done",
      engine: "apertium",
      text: expect.stringMatching(/good/iu),
    });
    expect(done.translations.fr).toMatchObject({
      status: "done",
      engine: "apertium",
      text: expect.stringMatching(/jour/iu),
    });
    for (const translation of Object.values(done.translations)) {
      expect(translation).toMatchObject({ text: expect.stringContaining("https://example.org/a_b?c=1") });
      expect(translation).toMatchObject({ text: expect.stringMatching(/2024-01-31.*😀/u) });
    }
    const changes = await waitFor(async () => {
      const found = await changesOf(room);
      return found.length === 2 ? found : null;
    });
    expect(changes).toMatchObject([
      { seq: 1, kind: "translated", messageSeq: 1 },
      { seq: 2, kind: "translated", messageSeq: 1 },
    ]);
    const announced = await waitFor(() => {
      const found = bench.heard.flatMap((heard) => (heard.kind === "change" ? [heard.change.language] : []));
      return found.length === 2 ? found : null;
    });
    expect(new Set(announced)).toEqual(new Set(["en", "fr"]));
    await waitFor(
      async () => (await bench.database.raw.collection("messages").findOne({ dueAt: { $exists: true } })) === null,
    );
  });

  test("without words needs no translation, and says so", async () => {
    const room = await bench.openRoom("en");
    const engine = createScriptedEngine("one");
    bench.startWorker([engine]);
    const { seq, revision } = await room.say("👍🏽 https://example.org");
    expect((await room.ended(seq, "en")).translations.en).toEqual({ status: "not_needed", revision });
    expect(engine.requests).toEqual([]);
  });

  test("into a language that no engine has fails with the reason at once", async () => {
    const room = await bench.openRoom("ko");
    bench.startWorker([createScriptedEngine("one", ["en", "es"])]);
    const { seq } = await room.say("Buenos días");
    expect((await room.ended(seq, "ko")).translations.ko).toMatchObject({ status: "failed", reason: "unsupported" });
  });

  test("among many waits for no other: they share requests, and each gets its own translation", async () => {
    const room = await bench.openRoom("en");
    const engine = createScriptedEngine("one");
    const sent: StoredMessage[] = [];
    for (let index = 0; index < 40; index += 1) sent.push(await room.say(`hola número ${"x".repeat(index + 1)}`));
    bench.startWorker([engine]);
    for (const [index, { seq }] of sent.entries()) {
      const { translations } = await room.ended(seq, "en");
      expect(translations.en).toMatchObject({ status: "done", text: `aloh oremún ${"x".repeat(index + 1)} en` });
    }
    expect(engine.requests.length).toBeLessThan(10);
    expect(engine.requests.flatMap((request) => request.texts).length).toBe(40);
  });
});

describe("P7: one translation per message, revision and language", () => {
  test("a job that comes five times, to two workers, is translated once and changes the message once", async () => {
    const room = await bench.openRoom("en");
    const engine = createScriptedEngine("one");
    const message = await room.say("buenos días a todos", { lost: true });
    for (let copy = 0; copy < 5; copy += 1)
      must(await bench.messaging.publisher.publish(QUEUES.translation, jobFor(message)));
    bench.startWorker([engine]);
    bench.startWorker([engine]);
    await room.ended(message.seq, "en");
    must(await bench.messaging.publisher.publish(QUEUES.translation, jobFor(message)));
    await waitUntilSettled(6);
    expect(await changesOf(room)).toHaveLength(1);
    expect((await room.read(message.seq)).version).toBe(message.version + 1);
    expect(engine.requests.flatMap((request) => request.texts)).toEqual(["buenos días a todos"]);
  });

  test("a job for a message, a room or a revision that is not there changes nothing and blocks nobody", async () => {
    const room = await bench.openRoom("en");
    bench.startWorker([createScriptedEngine("one")]);
    const message = await room.say("buenos días", { lost: true });
    for (const foreign of [{ seq: 999 }, { roomId: newId("room") }, { revision: message.revision + 1 }]) {
      must(await bench.messaging.publisher.publish(QUEUES.translation, { ...jobFor(message), ...foreign }));
    }
    const other = await room.say("buenas noches");
    await room.ended(other.seq, "en");
    await waitUntilSettled(4);
    expect((await room.read(message.seq)).translations.en).toMatchObject({ status: "pending" });
    expect(must(await bench.messaging.deadLetters(QUEUES.translation))).toEqual([]);
  });
});

describe("P8: a late translation", () => {
  function gatedEngine() {
    const engine = createScriptedEngine("one");
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    engine.answer(async (request) => {
      await gate;
      return honest(request);
    });
    return { engine, open, asked: () => waitFor(() => engine.requests.length > 0) };
  }

  test("loses to an edit: the reader gets the translation of the new text only", async () => {
    const room = await bench.openRoom("en");
    const { engine, open, asked } = gatedEngine();
    bench.startWorker([engine]);
    const { seq, revision } = await room.say("texto viejo");
    await asked();
    const deps = { ...room.deps, messages: bench.database.stores.messages, newChangeId: () => newId("chg") };
    const edited = must(
      await editMessage(deps, room.ana, { roomId: room.room.roomId, seq, revision, text: "texto nuevo" }),
    );
    open();
    const ended = await room.ended(seq, "en", edited.revision);
    expect(ended.translations.en).toMatchObject({ status: "done", revision: edited.revision, text: "otxet oveun en" });
    await waitUntilSettled(2);
    expect((await changesOf(room)).filter((change) => change.kind === "translated")).toHaveLength(1);
  });

  test("loses to a deletion: nothing of the text comes back", async () => {
    const room = await bench.openRoom("en");
    const { engine, open, asked } = gatedEngine();
    bench.startWorker([engine]);
    const { seq } = await room.say("texto secreto");
    await asked();
    const deps = { ...room.deps, messages: bench.database.stores.messages, newChangeId: () => newId("chg") };
    must(await deleteMessage(deps, room.ana, { roomId: room.room.roomId, seq }));
    open();
    const other = await room.say("otra cosa");
    await room.ended(other.seq, "en");
    await waitUntilSettled(2);
    expect(await room.read(seq)).toMatchObject({ text: null, translations: {} });
    expect(await bench.database.raw.collection("messages").findOne({ seq })).not.toMatchObject({
      text: expect.anything(),
    });
  });
});

describe("P6: every translation ends", () => {
  test("an engine that is down: failed with the reason after all tries, and asking again succeeds when it is back", async () => {
    const room = await bench.openRoom("en");
    const engine = createScriptedEngine("one");
    engine.answer(failing("unreachable"));
    bench.startWorker([engine]);
    const { seq, text } = await room.say("buenos días");
    const failed = await room.ended(seq, "en");
    expect(failed).toMatchObject({ text, translations: { en: { status: "failed", reason: "engine_failed" } } });
    expect(engine.requests.length).toBe(LIMITS.queueTriesMax);

    engine.answer(honest);
    bench.advance(LIMITS.engineRestMsMax);
    const [reader] = room.readers;
    const deps = { ...room.deps, messages: bench.database.stores.messages };
    if (reader === undefined) throw new Error("nobody reads");
    const again = must(await requestTranslation(deps, reader, { roomId: room.room.roomId, seqs: [seq] }));
    expect(again).toMatchObject([{ translations: { en: { status: "pending" } } }]);
    expect((await room.ended(seq, "en")).translations.en).toMatchObject({ status: "done", text: "soneub saíd en" });
  });

  test("an engine that stumbles once: the retry translates, and nobody sees a failure", async () => {
    const room = await bench.openRoom("en");
    const engine = createScriptedEngine("one");
    engine.answer(async (request) => (engine.requests.length < 2 ? failing("timeout")(request) : honest(request)));
    bench.startWorker([engine]);
    const { seq } = await room.say("buenos días");
    expect((await room.ended(seq, "en")).translations.en).toMatchObject({ status: "done" });
    await waitUntilSettled(2);
    expect(await changesOf(room)).toHaveLength(1);
  });

  test("a job that is lost: the sweep offers it again when it is due, not before", async () => {
    const room = await bench.openRoom("en");
    bench.startWorker([createScriptedEngine("one")]);
    const { seq } = await room.say("buenos días", { lost: true });
    expect(await bench.sweep()).toBe(0);
    bench.advance(LIMITS.pendingFirstDueMs + 1);
    expect(await bench.sweep()).toBe(1);
    expect((await room.ended(seq, "en")).translations.en).toMatchObject({ status: "done" });
  });

  test("a job that is lost again and again: given up after the last try", async () => {
    const room = await bench.openRoom("en");
    const { seq } = await room.say("buenos días", { lost: true });
    for (let turn = 0; turn <= LIMITS.pendingTriesMax; turn += 1) {
      bench.advance(3_600_000);
      expect(await bench.sweep()).toBe(1);
    }
    expect((await room.read(seq)).translations.en).toMatchObject({ status: "failed", reason: "gave_up" });
    bench.advance(3_600_000);
    expect(await bench.sweep()).toBe(0);
  });
});

test("P10: poison is set aside with its reason, and the messages behind it are translated", async () => {
  const room = await bench.openRoom("en");
  const queue = bench.queues.topology.queues[QUEUES.translation].name;
  await bench.queues.raw(async (channel) => {
    for (const poison of [
      "{",
      "{}",
      JSON.stringify({ ...jobFor(await room.say("uno", { lost: true })), v: 2 }),
      JSON.stringify({ v: 1, type: "x" }),
    ]) {
      channel.sendToQueue(queue, Buffer.from(poison));
    }
    await channel.checkQueue(queue);
  });
  const message = await room.say("buenos días");
  bench.startWorker([createScriptedEngine("one")]);
  expect((await room.ended(message.seq, "en")).translations.en).toMatchObject({ status: "done" });
  const letters = await waitFor(async () => {
    const found = must(await bench.messaging.deadLetters(QUEUES.translation));
    return found.length === 4 ? found : null;
  });
  const reasons = letters.map((letter) => letter.reason.split(":")[0] ?? "");
  expect(reasons.toSorted((one, other) => one.localeCompare(other))).toEqual([
    "malformed_json",
    "unknown_shape",
    "unknown_version",
    "unknown_version",
  ]);
});
