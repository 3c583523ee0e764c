import { expect, test } from "vitest";
import { directPairs, routes } from "./apertium-pairs";

const listed = (...codes: string[]) =>
  codes.map((code) => {
    const [sourceLanguage = "", targetLanguage = ""] = code.split("|");
    return { sourceLanguage, targetLanguage };
  });

function waysOf(...codes: string[]): Record<string, string> {
  return Object.fromEntries(
    [...routes(directPairs(listed(...codes)))].map(([key, steps]) => [key, steps.map((step) => step.code).join(" ")]),
  );
}

test("where there is no direct pair the way goes through a third language; a direct one wins", () => {
  expect(waysOf("eng|spa", "spa|fra", "fra|spa", "eng|cat", "cat|fra", "spa|cat")).toEqual({
    "en>es": "eng|spa",
    "en>ca": "eng|cat",
    "es>fr": "spa|fra",
    "fr>es": "fra|spa",
    "es>ca": "spa|cat",
    "ca>fr": "cat|fra",
    "en>fr": "eng|cat cat|fra",
    "fr>ca": "fra|spa spa|cat",
    "ca>es": "cat|fra fra|spa",
  });
});

test("of variants the plain one is taken, a variant alone serves, foreign languages are left out", () => {
  expect(waysOf("spa|por_BR", "spa|por", "spa|eng_US", "eus|spa", "spa|cat_valencia", "spa|cat")).toEqual({
    "es>pt": "spa|por",
    "es>en": "spa|eng_US",
    "es>ca": "spa|cat",
  });
});

test("a way never ends where it began", () => {
  expect(Object.keys(waysOf("eng|spa", "spa|eng"))).toEqual(["en>es", "es>en"]);
});
