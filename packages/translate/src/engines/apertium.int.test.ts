import type { UiLanguage } from "@ashchat/contracts/languages";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { describeEngine, describeLies } from "../engine.conformance";
import type { Engine } from "../engine";
import { apertiumAddress } from "../testing/apertium-address";
import { startEngineServer, type EngineServer } from "../testing/engine-server";
import { createApertium } from "./apertium";

const clock = { now: () => Date.now() };

describeEngine("Apertium itself", async () => ({
  engine: createApertium({ url: apertiumAddress(), clock }),
  pair: { from: "en", to: "es" },
  unsupported: { from: "en", to: "ko" },
  close: () => Promise.resolve(),
}));

describeEngine("Apertium itself through a third language", async () => ({
  engine: createApertium({ url: apertiumAddress(), clock }),
  pair: { from: "en", to: "fr" },
  unsupported: { from: "fr", to: "ja" },
  close: () => Promise.resolve(),
}));

describeLies("Apertium", async () => {
  const server = await startEngineServer("apertium");
  return {
    engine: createApertium({ url: server.url, clock }),
    pair: { from: "en", to: "es" },
    unsupported: { from: "en", to: "fr" },
    misbehave: server.behave,
    close: server.close,
  };
});

let server: EngineServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

describe("Apertium's real answers", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = createApertium({ url: apertiumAddress(), clock });
  });
  const translate = async (texts: readonly string[], from: UiLanguage, to: UiLanguage) => {
    const answer = await engine.translate({ texts, from, to, signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${from}>${to} ${answer.error.reason}: ${answer.error.message}`);
    return answer.value;
  };

  test("every pair of English, Spanish, Portuguese and French that is offered translates", async () => {
    const offered = await engine.supports(AbortSignal.timeout(30_000));
    const ours = offered.ok ? offered.value.map(({ from, to }) => `${from}>${to}`) : [];
    expect(ours).toEqual(
      expect.arrayContaining([
        "en>es",
        "es>en",
        "en>fr",
        "pt>en",
        "pt>es",
        "es>pt",
        "es>fr",
        "fr>es",
        "fr>en",
        "fr>pt",
        "pt>fr",
      ]),
    );
    expect(await translate(["Buenos días, amigo."], "es", "en")).toEqual([
      expect.stringMatching(/good (?:morning|day)/iu),
    ]);
    expect(await translate(["The dog sees the house."], "en", "fr")).toEqual([
      expect.stringMatching(/chien.*maison/iu),
    ]);
    expect(await translate(["Bom dia, meu amigo"], "pt", "en")).toEqual([expect.stringMatching(/good|day/iu)]);
  });

  test("words that it does not know carry no marks; characters of the text that look like marks stay", async () => {
    const [unknown, starred, channel] = await translate(
      ["the frobnicator gribbles", "a *bold* word and 2 * 3", "go to # home @ five"],
      "en",
      "es",
    );
    expect(unknown).toMatch(/frobnicator/u);
    expect(unknown).not.toMatch(/[*#@]/u);
    expect(starred?.match(/\*/gu)?.length).toBe(3);
    expect(channel).toMatch(/#.*@/u);
  });

  test("texts that are sent together read as if each were alone, so no message changes another's", async () => {
    const words =
      "the big house is red my friend sees two dogs in city what time are we eating dinner working good not".split(" ");
    const texts = Array.from({ length: 40 }, (_, index) =>
      Array.from(
        { length: 1 + (index % 6) },
        (_word, at) => words[(index * 7 + at * 5 + index * at) % words.length],
      ).join(" "),
    );
    const together = await translate(texts, "en", "es");
    const alone: string[] = [];
    for (const text of texts) alone.push(...(await translate([text], "en", "es")));
    expect(together).toEqual(alone);
  });
});

test("a pair that is listed but does not work is not offered, and tried again later", async () => {
  let now = 0;
  server = await startEngineServer("apertium", "status 500");
  const engine = createApertium({ url: server.url, clock: { now: () => now } });
  const offered = async () => {
    const answer = await engine.supports(AbortSignal.timeout(5_000));
    return answer.ok ? answer.value.length : null;
  };
  expect(await offered()).toBe(0);
  server.behave("honest");
  expect(await offered()).toBe(0);
  now = 3_600_000;
  // English to Spanish and back, Spanish to Portuguese, and English to Portuguese through Spanish.
  expect(await offered()).toBe(4);
  const trials = server.asked.length;
  await offered();
  expect(server.asked.length).toBe(trials);
});
