import { LANGUAGES } from "@ashchat/contracts/languages";
import { describe, expect, test } from "vitest";
import { apertiumTags, googleTags, languageOf, libretranslateTags, tagOf } from "./language-tags";

const TABLES = { apertiumTags, googleTags, libretranslateTags };

describe.each(Object.entries(TABLES))("%s", (_name, table) => {
  test("names every language, and no name stands for two of them", () => {
    const names = LANGUAGES.flatMap((language) => table(language).map((name) => name.toLowerCase()));
    expect(LANGUAGES.filter((language) => table(language).length === 0)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("every name leads back to its language", () => {
    for (const language of LANGUAGES) {
      for (const name of table(language)) expect(languageOf(table, name)).toBe(language);
    }
  });
});

test("Apertium's three-letter codes are those of ISO 639-3", () => {
  const codes = LANGUAGES.map((language) => `${language}:${apertiumTags(language)[0]}`).join(" ");
  expect(codes).toBe(
    "ar:ara bn:ben ca:cat de:deu en:eng es:spa fa:pes fr:fra he:heb hi:hin it:ita ja:jpn ko:kor nl:nld pl:pol pt:por ru:rus tr:tur uk:ukr ur:urd vi:vie zh:zho",
  );
});

test("the best name that an engine offers is chosen, whatever its letter case", () => {
  expect(tagOf(libretranslateTags, "zh", new Set(["en", "zh-hans"]))).toBe("zh-hans");
  expect(tagOf(apertiumTags, "pt", new Set(["por_BR", "por"]))).toBe("por");
  expect(tagOf(apertiumTags, "pt", new Set(["por_BR"]))).toBe("por_BR");
  expect(tagOf(googleTags, "he", new Set(["iw"]))).toBe("iw");
  expect(tagOf(googleTags, "ko", new Set(["en"]))).toBeNull();
});

test("a language that is not ours has no place in the table", () => {
  expect(languageOf(apertiumTags, "eus")).toBeNull();
  expect(languageOf(googleTags, "xx")).toBeNull();
});
