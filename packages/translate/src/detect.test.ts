import { UI_LANGUAGES, LANGUAGES } from "@ashchat/contracts/languages";
import { beforeAll, describe, expect, test } from "vitest";
import { createDetector } from "./detect";
import { CHAT_CORPUS, UNTELLABLE } from "./testing/chat-corpus";

const detector = createDetector();
beforeAll(() => detector.ready());

const ENTRIES = LANGUAGES.flatMap((language) => (CHAT_CORPUS[language] ?? []).map((text) => ({ language, text })));

test("what it says about chat messages is right, in every language", () => {
  const wrong = ENTRIES.filter(({ language, text }) => ![language, null].includes(detector.detect(text)));
  expect(wrong).toEqual([]);
  expect(LANGUAGES.filter((language) => !ENTRIES.some((entry) => entry.language === language))).toEqual([]);
});

describe.each(UI_LANGUAGES)("in %s", (language) => {
  test("it tells nine messages of ten", () => {
    const own = ENTRIES.filter((entry) => entry.language === language);
    const told = own.filter(({ text }) => detector.detect(text) === language);
    expect(own.length).toBe(20);
    expect(told.length / own.length).toBeGreaterThanOrEqual(0.9);
  });
});

test("in all languages together it tells nine of ten", () => {
  const told = ENTRIES.filter(({ language, text }) => detector.detect(text) === language);
  expect(told.length / ENTRIES.length).toBeGreaterThanOrEqual(0.9);
});

test.each(UNTELLABLE)("it does not guess about %j", (text) => {
  expect(detector.detect(text)).toBeNull();
});

test("links, names and code do not count", () => {
  expect(detector.detect("@pedro-garcia-lopez https://ejemplo.es/hola/que/tal/amigo `const casa = nueva`")).toBeNull();
  expect(detector.detect("https://ejemplo.es/hola-que-tal I think that you should read this")).toBe("en");
});

test("a language with a script of its own is told from a few letters", () => {
  expect([detector.detect("안녕"), detector.detect("はい"), detector.detect("कल"), detector.detect("ok שלום")]).toEqual(
    ["ko", "ja", "hi", "he"],
  );
});

test("four thousand code points of anything are told or not, but soon", () => {
  const texts = [
    "a".repeat(4_000),
    "@".repeat(4_000),
    "`".repeat(4_000),
    "a.".repeat(2_000),
    "http://".repeat(570),
    "#1-".repeat(1_300),
    "😀a".repeat(1_300),
  ];
  const startedAt = performance.now();
  for (const text of texts) detector.detect(text);
  // A bound that only runaway patterns break: it takes some ten milliseconds.
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
