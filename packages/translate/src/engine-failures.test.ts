import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import { describe, expect, test } from "vitest";
import { engineFailure } from "./engine";
import { createMemoryCache } from "./testing/memory-cache";
import { createScriptedEngine, each, failing, honest, type ScriptedEngine } from "./testing/scripted-engine";
import { createTranslator, type TranslationOutcome } from "./translator";

const TIMEOUT_MS = 50;
const TEXTS = ["one", "two", "bad", "four", "five"];

function house(engines: readonly ScriptedEngine[]) {
  const translator = createTranslator({
    engines,
    cache: createMemoryCache(),
    secret: "a secret of the test, long enough",
    timeoutMs: TIMEOUT_MS,
    clock: { now: () => performance.now() },
  });
  const translate = (texts: readonly string[]) =>
    translator.translateMany(texts.map((text) => ({ text, from: "en", to: "es" })));
  return { translator, translate };
}

const endings = (outcomes: readonly TranslationOutcome[]) => outcomes.map((outcome) => outcome.status);
const never = () => new Promise<never>(() => undefined);
const sizes = (engine: ScriptedEngine) => engine.requests.map((request) => request.texts.length);

describe("a text that an engine cannot bear", () => {
  test.each([
    ["breaks it", failing("crashed")],
    ["makes it hang", never],
  ] as const)("and that %s fails alone, for now; those that were asked with it are translated", async (_name, lie) => {
    const engine = createScriptedEngine("one");
    engine.answer(async (request) => (request.texts.includes("bad") ? lie(request) : honest(request)));
    const outcomes = await house([engine]).translate(TEXTS);
    expect(endings(outcomes)).toEqual(["done", "done", "failed", "done", "done"]);
    expect(outcomes[2]).toMatchObject({ reason: "engine_failed", retryable: true });
  });

  test("but an engine that breaks on everything is asked a few more times, not once per text", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(failing("crashed"));
    const texts = Array.from({ length: 40 }, (_, index) => `word ${"x".repeat(index + 1)}`);
    const outcomes = await house([engine]).translate(texts);
    expect(new Set(endings(outcomes))).toEqual(new Set(["failed"]));
    expect(engine.requests.length).toBeLessThanOrEqual(1 + LIMITS.engineFailuresMax + LIMITS.engineParallelMax);
  });

  test.each(["rate_limited", "unreachable", "unavailable"] as const)(
    "but an engine that is %s is not asked again at once",
    async (reason) => {
      const engine = createScriptedEngine("one");
      engine.answer(failing(reason));
      await house([engine]).translate(TEXTS);
      expect(sizes(engine)).toEqual([TEXTS.length]);
    },
  );
});

describe("an engine that does not say what it can do", () => {
  test("holds up nobody: the next engine is asked within the time that one engine has", async () => {
    const [silent, second] = [createScriptedEngine("silent"), createScriptedEngine("second")];
    const { translate } = house([{ ...silent, supports: never }, second]);
    const startedAt = performance.now();
    expect(await translate(["hello"])).toEqual([{ status: "done", text: "olleh es", engine: "second" }]);
    expect(performance.now() - startedAt).toBeLessThan(LIMITS.engineSupportTimeoutMs / 2);
  });

  test("is waited for once; it serves as soon as it says it", async () => {
    const engine = createScriptedEngine("slow");
    let say = (_pairs: Awaited<ReturnType<typeof engine.supports>>) => undefined as void;
    let asked = 0;
    const supports = () => {
      asked += 1;
      return new Promise<Awaited<ReturnType<typeof engine.supports>>>((resolve) => {
        say = resolve;
      });
    };
    const { translate } = house([{ ...engine, supports }]);
    expect(await translate(["hello"])).toMatchObject([{ status: "failed", retryable: true }]);
    expect(await translate(["hello"])).toMatchObject([{ status: "failed", retryable: true }]);
    expect(asked).toBe(1);
    say(ok([{ from: "en", to: "es" }]));
    expect(await translate(["hello"])).toMatchObject([{ status: "done" }]);
  });
});

describe("an engine that loses placeholders", () => {
  const loseThem = each((text) => text.replaceAll(/⟦\d+⟧/gu, "").toUpperCase());
  const links = (count: number) =>
    Array.from({ length: count }, (_, index) => `see ${"x".repeat(index + 1)} https://a.org and come`);

  test("gets the pieces of all texts together, and each text its own", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(loseThem);
    const texts = links(20);
    const outcomes = await house([engine]).translate(texts);
    expect(outcomes.map((outcome) => outcome.status === "done" && outcome.text)).toEqual(
      texts.map((text) => text.toUpperCase().replace("HTTPS://A.ORG", "https://a.org")),
    );
    expect(sizes(engine)).toEqual([20, 40]);
  });

  test("and fails while it has the pieces is not asked for the rest of them", async () => {
    const engine = createScriptedEngine("one");
    engine.answer(async (request) =>
      request.texts.some((text) => text.includes("⟦"))
        ? loseThem(request)
        : fail(engineFailure("rate_limited", "as told")),
    );
    const outcomes = await house([engine]).translate(links(40));
    expect(outcomes).toEqual(outcomes.map(() => ({ status: "failed", reason: "engine_failed", retryable: true })));
    expect(sizes(engine)).toEqual([40, 50]);
  });
});
