import { LANGUAGES } from "@ashchat/contracts/languages";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, LanguagePair } from "./engine";
import { withDeadline } from "./deadline";
import type { Behaviour } from "./testing/engine-server";
import { createMemoryCache } from "./testing/memory-cache";
import { createTranslator } from "./translator";

/**
 * What every engine promises, whatever stands behind it. Call `describeEngine` in a test file with a way to open the
 * engine: on a real service, or on a local server that speaks its API; call `describeLies` as well where that server can
 * lie on demand.
 */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** A pair that it has; the direction back as well. */
  readonly pair: LanguagePair;
  readonly unsupported: LanguagePair;
  readonly close: () => Promise<void>;
}

export interface LyingEngine extends EngineUnderTest {
  readonly misbehave: (behaviour: Behaviour) => void;
}

const TIMEOUT_MS = 20_000;
const SHORT_MS = 300;
const FAILED = { status: "failed", reason: "engine_failed" };
const TEXTS = [
  "Good morning, my friend.",
  "The house is big",
  "I don't know; it's \"late\" & cold <here>",
  "one line\nand another\n\nand a third",
  "see ⟦0⟧ and ⟦1⟧ tomorrow",
  "5 * 3 #1 @ home ~ a^b $5 \\ {x} [y] / z",
];

export function describeEngine(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(`${name} as an engine`, () => {
    let under: EngineUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const translate = (texts: readonly string[], pair: LanguagePair = under.pair, timeoutMs = TIMEOUT_MS) =>
      withDeadline(timeoutMs, (signal) => under.engine.translate({ texts, ...pair, signal }));
    const valueOf = async (texts: readonly string[], pair?: LanguagePair) => {
      const answer = await translate(texts, pair);
      if (!answer.ok) throw new Error(`${answer.error.reason}: ${answer.error.message}`);
      return answer.value;
    };

    test("offers pairs of our languages, never into the same, each once", async () => {
      const offered = await withDeadline(TIMEOUT_MS, (signal) => under.engine.supports(signal));
      expect(offered).toMatchObject({ ok: true });
      const pairs = offered.ok ? offered.value : [];
      const keys = pairs.map(({ from, to }) => `${from}>${to}`);
      expect(keys).toContain(`${under.pair.from}>${under.pair.to}`);
      expect(keys).not.toContain(`${under.unsupported.from}>${under.unsupported.to}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { from, to } of pairs) {
        expect(LANGUAGES).toContain(from);
        expect(LANGUAGES).toContain(to);
        expect(from).not.toBe(to);
      }
    });

    test("gives one translation per text, in order, the same together as alone", async () => {
      const together = await valueOf(TEXTS);
      expect(together.length).toBe(TEXTS.length);
      for (const [index, text] of TEXTS.entries()) {
        expect(together[index]).not.toBe("");
        expect(await valueOf([text])).toEqual([together[index]]);
      }
    });

    test("keeps placeholders, lines and characters of markup as they are", async () => {
      const [, , quoted = "", lines = "", held = "", signs = ""] = await valueOf(TEXTS);
      expect([...held.matchAll(/⟦\d+⟧/gu)].map((match) => match[0]).sort()).toEqual(["⟦0⟧", "⟦1⟧"]);
      expect(lines.split("\n").map((line) => line !== "")).toEqual([true, true, false, true]);
      expect(quoted).not.toMatch(/&(?:#\d+|quot|amp|lt|gt);/u);
      for (const sign of ["*", "#1", "@", "~", "^", "$5", "\\", "{", "[", "/"]) expect(signs).toContain(sign);
    });

    test("answers many calls at the same time, each with its own", async () => {
      const texts = Array.from({ length: 12 }, (_, index) => `number ⟦${index}⟧ is here`);
      const answers = await Promise.all(texts.map((text) => valueOf([text])));
      expect(answers.map(([answer]) => /⟦(\d+)⟧/u.exec(answer ?? "")?.[1])).toEqual(
        texts.map((_, index) => String(index)),
      );
    });

    test("takes fifty texts in one request", async () => {
      const texts = Array.from({ length: 50 }, (_, index) => `The dog number ⟦${index}⟧ sleeps.`);
      const answers = await valueOf(texts);
      expect(answers.map((answer) => /⟦(\d+)⟧/u.exec(answer)?.[1])).toEqual(texts.map((_, index) => String(index)));
    });

    test("a pair that it does not have is unsupported", async () => {
      expect(await translate(["hello"], under.unsupported)).toMatchObject({
        ok: false,
        error: { reason: "unsupported", retryable: false },
      });
    });

    test("stops when it is told to", async () => {
      const answer = await under.engine.translate({ texts: ["hello"], ...under.pair, signal: AbortSignal.abort() });
      expect(answer).toMatchObject({ ok: false, error: { reason: "timeout", retryable: true } });
    });
  });
}

export function describeLies(name: string, open: () => Promise<LyingEngine>): void {
  describe(`${name} behind a server that lies`, () => {
    let under: LyingEngine;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const translate = (texts: readonly string[], timeoutMs = TIMEOUT_MS) =>
      withDeadline(timeoutMs, (signal) => under.engine.translate({ texts, ...under.pair, signal }));

    test.for<[Behaviour, string, boolean]>([
      ["hangs", "timeout", true],
      ["status 429", "rate_limited", true],
      ["status 500", "crashed", true],
      ["html page", "malformed", false],
      ["other shape", "malformed", false],
    ])("%s: a failure that says so, quotes no text, and passes", async ([behaviour, reason, retryable]) => {
      under.misbehave(behaviour);
      const answer = await translate(["A secret hello", "world"], SHORT_MS);
      under.misbehave("honest");
      expect(answer).toMatchObject({ ok: false, error: { reason, retryable } });
      expect(JSON.stringify(answer)).not.toMatch(/secret/iu);
      expect(await translate(["hello"])).toMatchObject({ ok: true });
    });

    test("leaving a text out is never taken for an answer to all", async () => {
      under.misbehave("wrong count");
      const answer = await translate(["hello", "world"]);
      under.misbehave("honest");
      expect(answer.ok ? answer.value.length : 0).not.toBe(2);
    });

    test.for<Behaviour>([
      "empty",
      "html entities",
      "ten times as long",
      "loses placeholders",
      "repeats placeholders",
      "control characters",
      "wrong count",
      "html page",
    ])("%s: no reader ever sees it", async (behaviour) => {
      const { translator } = openTranslator(under.engine);
      under.misbehave(behaviour);
      const outcomes = await translator.translateMany([
        { text: "I shall see @ana-4k7q there, on 2024-01-31", from: under.pair.from, to: under.pair.to },
        { text: "And the second text is here", from: under.pair.from, to: under.pair.to },
      ]);
      under.misbehave("honest");
      for (const outcome of outcomes) {
        if (outcome.status !== "done") expect(outcome).toMatchObject({ status: "failed" });
        else expect(outcome.text).not.toMatch(/&#39;|<|⟦|\p{Cc}|\p{Cf}|(?:.*ereht){3}/u);
      }
      const [first] = outcomes;
      const isHealed = behaviour === "loses placeholders" || behaviour === "repeats placeholders";
      if (isHealed) expect(first).toMatchObject({ status: "done", text: expect.stringContaining("@ana-4k7q") });
      if (behaviour === "empty" || behaviour === "html page") expect(outcomes).toMatchObject([FAILED, FAILED]);
    });

    test("being gone is unreachable", async () => {
      await under.close();
      expect(await translate(["hello"])).toMatchObject({
        ok: false,
        error: { reason: "unreachable", retryable: true },
      });
    });
  });
}

function openTranslator(engine: Engine) {
  const translator = createTranslator({
    engines: [engine],
    cache: createMemoryCache(),
    secret: "a secret of the test, long enough",
    timeoutMs: TIMEOUT_MS,
    clock: { now: () => Date.now() },
  });
  return { translator };
}
