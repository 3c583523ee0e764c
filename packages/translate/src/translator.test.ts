import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { describe, expect, test } from "vitest";
import { createMemoryCache } from "./testing/memory-cache";
import { createScriptedEngine, each, failing, honest, type ScriptedEngine } from "./testing/scripted-engine";
import { createTranslator, type TranslatorOptions } from "./translator";

const en = (text: string) => ({ text, from: "en", to: "es" }) as const;

function house(engines: readonly ScriptedEngine[], options: Partial<TranslatorOptions> = {}) {
  const cache = createMemoryCache();
  const translator = createTranslator({
    engines,
    cache,
    secret: "a secret of the test, long enough",
    timeoutMs: 50,
    clock: { now: () => performance.now() },
    ...options,
  });
  return { translator, cache };
}

describe("what needs no engine", () => {
  test.each([
    ["the same language", { text: "hello", from: "en", to: "en" }],
    ["emoji", { text: "👍🏽 🇪🇸", from: "en", to: "es" }],
    ["a link", { text: "https://example.org/a", from: "en", to: "es" }],
    ["numbers", { text: "12:30, 42!", from: "en", to: "es" }],
  ] as const)("%s is not needed and asks nobody", async (_name, request) => {
    const engine = createScriptedEngine("one");
    const { translator } = house([engine]);
    expect(await translator.translateMany([request])).toEqual([{ status: "not_needed" }]);
    expect(engine.requests).toEqual([]);
  });

  test("a text over the limit fails for good", async () => {
    const { translator } = house([createScriptedEngine("one")]);
    const [outcome] = await translator.translateMany([en("a".repeat(LIMITS.messageCodePointsMax + 1))]);
    expect(outcome).toEqual({ status: "failed", reason: "too_long", retryable: false });
  });
});

describe("once", () => {
  test("equal texts in one call are one text for the engine", async () => {
    const engine = createScriptedEngine("one");
    const { translator } = house([engine]);
    const outcomes = await translator.translateMany([en("hello"), en("hello"), en("world")]);
    expect(outcomes.map((outcome) => outcome.status === "done" && outcome.text)).toEqual([
      "olleh es",
      "olleh es",
      "dlrow es",
    ]);
    expect(engine.requests.map((request) => request.texts)).toEqual([["hello", "world"]]);
  });

  test("texts that differ in a link or a name share a translation, each with its own", async () => {
    const engine = createScriptedEngine("one");
    const { translator, cache } = house([engine]);
    const outcomes = await translator.translateMany([en("see https://a.org @ana"), en("see https://b.org @ben")]);
    expect(outcomes.map((outcome) => outcome.status === "done" && outcome.text)).toEqual([
      "ees https://a.org @ana es",
      "ees https://b.org @ben es",
    ]);
    expect(engine.requests.flatMap((request) => request.texts)).toEqual(["see ⟦0⟧ ⟦1⟧"]);
    expect([...cache.stored].flat().join(" ")).not.toMatch(/a\.org|ana|see/u);
  });

  test("calls at the same time and translators on one cache ask the engine once", async () => {
    const engine = createScriptedEngine("one");
    const first = house([engine]);
    const second = house([engine], { cache: first.cache });
    const calls = [first, first, second, second].map(({ translator }) => translator.translateMany([en("hello there")]));
    const outcomes = (await Promise.all(calls)).flat();
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["done", "done", "done", "done"]);
    expect(engine.requests.flatMap((request) => request.texts)).toEqual(["hello there"]);
  });

  test("a translation that is kept asks nobody; another version of the engine, glossary or secret does", async () => {
    const engine = createScriptedEngine("one");
    const { translator, cache } = house([engine]);
    await translator.translateMany([en("hello")]);
    for (const changed of [{}, { glossary: { version: "2", terms: [] } }, { secret: "another secret, just as long" }]) {
      await house([engine], { cache, ...changed }).translator.translateMany([en("hello")]);
    }
    await house([{ ...engine, version: "2" }], { cache }).translator.translateMany([en("hello")]);
    expect(engine.requests.length).toBe(4);
  });

  test("a broken or foreign entry of the cache is a miss", async () => {
    const engine = createScriptedEngine("one");
    const { translator, cache } = house([engine]);
    await translator.translateMany([en("see @ana")]);
    const [key] = cache.stored.keys();
    for (const entry of [
      "no json",
      "{}",
      JSON.stringify({ engine: "one", text: "lost" }),
      JSON.stringify({ engine: "one", text: "" }),
    ]) {
      cache.stored.set(key ?? "", entry);
      const outcomes = await house([engine], { cache }).translator.translateMany([en("see @ana")]);
      expect(outcomes).toEqual([{ status: "done", text: "ees @ana es", engine: "one" }]);
    }
    expect(engine.requests.length).toBe(5);
  });

  test("a failure is kept nowhere", async () => {
    const engine = createScriptedEngine("one");
    const { translator } = house([engine]);
    engine.answer(failing("unavailable"));
    expect(await translator.translateMany([en("hello")])).toMatchObject([{ status: "failed", retryable: true }]);
    engine.answer(honest);
    expect(await translator.translateMany([en("hello")])).toMatchObject([{ status: "done" }]);
  });
});

describe("batches", () => {
  test("go by pair and keep to the limits", async () => {
    const engine = createScriptedEngine("one");
    const { translator } = house([engine]);
    const short = Array.from({ length: 120 }, (_, index) => en(`word ${"x".repeat(index + 1)}`));
    const long = Array.from({ length: 3 }, (_, index) => ({
      ...en("long ".repeat(400) + "y".repeat(index + 1)),
      to: "fr" as const,
    }));
    const outcomes = await translator.translateMany([...short, ...long]);
    expect(outcomes.filter((outcome) => outcome.status === "done").length).toBe(123);
    for (const request of engine.requests) {
      expect(request.texts.length).toBeLessThanOrEqual(LIMITS.translateBatchTextsMax);
      expect(request.texts.join("").length).toBeLessThanOrEqual(LIMITS.translateBatchCodePointsMax);
    }
    expect(engine.requests.filter((request) => request.to === "fr").map((request) => request.texts.length)).toEqual([
      2, 1,
    ]);
  });

  test("an answer with the wrong number of parts is thrown away and every text asked alone", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(async (request) => (request.texts.length > 1 ? ok(["only one"]) : honest(request)));
    const { translator } = house([engine]);
    const outcomes = await translator.translateMany([en("one"), en("two"), en("three")]);
    expect(outcomes.map((outcome) => outcome.status === "done" && outcome.text)).toEqual([
      "eno es",
      "owt es",
      "eerht es",
    ]);
    expect(engine.requests.map((request) => request.texts.length)).toEqual([3, 1, 1, 1]);
  });

  test("one text that is refused does not spoil the others", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(async (request) => (request.texts.includes("bad") ? failing("refused")(request) : honest(request)));
    const { translator } = house([engine]);
    const outcomes = await translator.translateMany([en("one"), en("bad"), en("three")]);
    expect(outcomes).toMatchObject([
      { status: "done" },
      { status: "failed", reason: "engine_failed", retryable: false },
      { status: "done" },
    ]);
  });
});

describe("an engine that lies", () => {
  test.each([
    ["nothing", () => ""],
    ["white space", () => " \n "],
    ["ten times the length", (text: string) => text.repeat(100)],
    ["markup", (text: string) => `<b>${text}</b>`],
    ["entities", (text: string) => `${text}&#39;s`],
    ["control characters", (text: string) => `${text}\u0000`],
    ["direction overrides", (text: string) => `\u202E${text}`],
    ["half a character", (text: string) => `${text}\uD83D`],
  ])("%s is no translation", async (_name, lie) => {
    const engine = createScriptedEngine("one");
    engine.answer(each(lie));
    const { translator } = house([engine]);
    const outcomes = await translator.translateMany([en("a text of some words that is not short")]);
    expect(outcomes).toEqual([{ status: "failed", reason: "engine_failed", retryable: false }]);
  });

  test("is followed by the next engine, which is named", async () => {
    const [liar, second] = [createScriptedEngine("liar"), createScriptedEngine("second")];
    liar.answer(each((text) => (text.includes("hello") ? "" : "hola")));
    const { translator } = house([liar, second]);
    const outcomes = await translator.translateMany([en("hello"), en("good morning")]);
    expect(outcomes).toEqual([
      { status: "done", text: "olleh es", engine: "second" },
      { status: "done", text: "hola", engine: "liar" },
    ]);
  });

  test("that hangs and ignores its signal is a retryable failure in time", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(() => new Promise(() => undefined));
    const { translator } = house([engine]);
    expect(await translator.translateMany([en("hello")])).toEqual([
      { status: "failed", reason: "engine_failed", retryable: true },
    ]);
  });

  test("that throws is a retryable failure", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(() => Promise.reject(new Error("secret text")));
    const { translator } = house([engine]);
    expect(await translator.translateMany([en("hello")])).toMatchObject([{ status: "failed", retryable: true }]);
  });
});

describe("an engine that loses placeholders", () => {
  test("gets the pieces between them, once", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(each((text) => text.replaceAll(/⟦\d+⟧/gu, "").toUpperCase()));
    const { translator } = house([engine]);
    const outcomes = await translator.translateMany([en("see https://a.org and @ana, please")]);
    expect(outcomes).toEqual([{ status: "done", text: "SEE https://a.org AND @ana, PLEASE", engine: "one" }]);
    expect(engine.requests.length).toBe(2);
  });

  test("and spoils the pieces as well fails with the reason", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(each((text) => (text.includes("⟦") ? "lost" : "")));
    const { translator } = house([engine]);
    expect(await translator.translateMany([en("see https://a.org now")])).toEqual([
      { status: "failed", reason: "placeholder_lost", retryable: false },
    ]);
  });
});

describe("what can be translated", () => {
  test("a pair that no engine has is unsupported for good; one that is not known yet may come", async () => {
    const engine = createScriptedEngine("one", ["en", "es"]);
    const { translator } = house([engine]);
    expect(await translator.translateMany([{ text: "hallo", from: "de", to: "en" }])).toEqual([
      { status: "failed", reason: "unsupported", retryable: false },
    ]);
    engine.offer("unreachable");
    const silent = house([engine]).translator;
    expect(await silent.translateMany([{ text: "hallo", from: "de", to: "en" }])).toMatchObject([
      { status: "failed", retryable: true },
    ]);
  });

  test("is what the engines that answer said, merged; nothing while none answers", async () => {
    const [first, second] = [createScriptedEngine("first", ["en", "es"]), createScriptedEngine("second", ["en", "fr"])];
    const { translator } = house([first, second]);
    expect(translator.support()).toMatchObject({ pairs: [], checkedAt: null });
    await translator.refresh();
    expect(translator.support().pairs).toEqual([
      { from: "en", to: ["es", "fr"] },
      { from: "es", to: ["en"] },
      { from: "fr", to: ["en"] },
    ]);
    first.offer("unreachable");
    await translator.refresh();
    expect(translator.support()).toMatchObject({
      engines: [
        { name: "first", ready: false },
        { name: "second", ready: true },
      ],
      pairs: [
        { from: "en", to: ["fr"] },
        { from: "fr", to: ["en"] },
      ],
    });
    second.offer("timeout");
    await translator.refresh();
    expect(translator.support().pairs).toEqual([]);
  });

  test("an engine that fails again and again is left in peace, and what was kept still serves", async () => {
    const engine = createScriptedEngine("one");
    const { translator } = house([engine]);
    await translator.translateMany([en("kept")]);
    engine.answer(failing("unavailable"));
    for (let call = 0; call < LIMITS.engineFailuresMax + 3; call += 1)
      await translator.translateMany([en(`call ${"x".repeat(call)}`)]);
    expect(engine.requests.length).toBe(1 + LIMITS.engineFailuresMax);
    expect(translator.support().pairs).toEqual([]);
    expect(await translator.translateMany([en("kept")])).toMatchObject([{ status: "done" }]);
  });
});
