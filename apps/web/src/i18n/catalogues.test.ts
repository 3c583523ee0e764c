import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "@ashchat/contracts/errors";
import { LANGUAGES, UI_LANGUAGES, type UiLanguage } from "@ashchat/contracts/languages";
import { createTranslator } from "next-intl";
import { beforeAll, describe, expect, it } from "vitest";
import { LANGUAGE_SAMPLES } from "./language-samples";
import { languageOptions } from "./language-names";
import { loadMessages } from "./messages";

type Tree = { [key: string]: string | Tree };
const SOURCE = join(import.meta.dirname, "..");
/** Texts whose key is made in the code (`errors(code)`, `t(status)`), so that it stands nowhere in full. */
const COMPUTED = ["errors", "status"];
/** Names that only some languages need, for grammar. */
const GRAMMAR = new Set(["initial"]);

const catalogues = new Map<UiLanguage, Map<string, string>>();

beforeAll(async () => {
  for (const locale of UI_LANGUAGES) catalogues.set(locale, flatten(await loadMessages(locale)));
});

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string" ? [[`${prefix}${key}`, value] as const] : [...flatten(value, `${prefix}${key}.`)],
    ),
  );
}

function catalogue(locale: UiLanguage): Map<string, string> {
  return catalogues.get(locale) ?? new Map();
}

/** Names of the arguments and tags of an ICU text. */
function placeholders(text: string): string[] {
  const names = [...text.matchAll(/\{\s*(\w+)\s*[,}]|<(\w+)>/g)].map(([, argument, tag]) => argument ?? tag ?? "");
  return [...new Set(names)].filter((name) => !GRAMMAR.has(name)).sort();
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
    .map((file) => readFileSync(join(folder, file), "utf8"));
}

describe("the catalogues", () => {
  it.each(UI_LANGUAGES)("%s has the same keys as English", (locale) => {
    expect([...catalogue(locale).keys()].sort()).toEqual([...catalogue("en").keys()].sort());
    expect(catalogue("en").size).toBeGreaterThan(100);
  });

  it.each(UI_LANGUAGES)("%s takes the same placeholders as English and leaves no text empty", (locale) => {
    for (const [key, text] of catalogue(locale)) {
      expect(placeholders(text), `${locale} ${key}`).toEqual(placeholders(catalogue("en").get(key) ?? ""));
      expect(text.trim(), `${locale} ${key}`).not.toBe("");
    }
  });

  it.each(UI_LANGUAGES)("%s has a text for every error code and no other", (locale) => {
    const codes = [...catalogue(locale).keys()].filter((key) => key.startsWith("errors.")).map((key) => key.slice(7));
    expect(codes.sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it.each(UI_LANGUAGES)("%s renders every text, for one and for many", async (locale) => {
    const problems: string[] = [];
    const messages: Tree = await loadMessages(locale);
    const t = createTranslator({ locale, messages, onError: (error) => problems.push(String(error)) });
    for (const [key, text] of catalogue(locale)) {
      for (const number of [0, 1, 2, 5, 1_000_000]) {
        const values = Object.fromEntries([
          ...placeholders(text).map((name) => [
            name,
            text.includes(`<${name}>`) ? (chunks: unknown) => String(chunks) : number,
          ]),
          ["initial", "vowel"],
        ]);
        // The keys are data here, so their types say nothing.
        expect(Reflect.apply(t.markup, t, [key, values]), key).not.toBe(key);
      }
    }
    expect(problems).toEqual([]);
  });

  it("hold no text that nothing shows", () => {
    const files = sources(SOURCE);
    const unused = [...catalogue("en").keys()].filter((key) => {
      const [namespace = "", name = ""] = key.split(".");
      if (COMPUTED.includes(namespace)) return false;
      return (
        !files.some((file) => file.includes(`"${namespace}"`) && file.includes(`"${name}"`)) && !isByKind(files, name)
      );
    });
    expect(unused).toEqual([]);
  });
});

/** `t(name.kind)`: the kinds stand where they are made. */
function isByKind(files: readonly string[], name: string): boolean {
  return files.some((file) => file.includes(`kind: "${name}"`));
}

describe("reading languages", () => {
  it("each have a sample and a native name of their own", () => {
    expect(Object.keys(LANGUAGE_SAMPLES).sort()).toEqual([...LANGUAGES].sort());
    expect(new Set(Object.values(LANGUAGE_SAMPLES)).size).toBe(LANGUAGES.length);
    const labels = languageOptions().map((option) => option.label);
    expect(new Set(labels).size).toBe(LANGUAGES.length);
    expect(labels).toEqual(expect.arrayContaining(["English", "Español", "العربية", "日本語", "Português"]));
  });
});
