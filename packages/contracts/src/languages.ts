import * as z from "zod/mini";

/**
 * Languages in which people read and write here, as BCP-47 tags. Offering a language does not promise a translation:
 * what the engines of an installation can do is asked from them and shown.
 */
export const LANGUAGES = [
  "ar",
  "bn",
  "ca",
  "de",
  "en",
  "es",
  "fa",
  "fr",
  "he",
  "hi",
  "it",
  "ja",
  "ko",
  "nl",
  "pl",
  "pt",
  "ru",
  "tr",
  "uk",
  "ur",
  "vi",
  "zh",
] as const;

export const languageSchema = z.enum(LANGUAGES);
export type Language = z.infer<typeof languageSchema>;

/** Languages of the interface and the mails; one catalogue each. */
export const UI_LANGUAGES = ["en", "es", "pt", "fr"] as const;
export const uiLanguageSchema = z.enum(UI_LANGUAGES);
export type UiLanguage = z.infer<typeof uiLanguageSchema>;

const RTL: ReadonlySet<string> = new Set(["ar", "fa", "he", "ur"]);

export function directionOf(language: Language): "ltr" | "rtl" {
  return RTL.has(language) ? "rtl" : "ltr";
}

/** The first of `wanted` (BCP-47 tags, best first) that `offered` has by its primary subtag, else null. */
export function matchLanguage<L extends string>(wanted: readonly string[], offered: readonly L[]): L | null {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    const found = offered.find((language) => language === primary);
    if (found !== undefined) return found;
  }
  return null;
}

/** The interface language for somebody who reads `language`: the same where there is a catalogue, else English. */
export function uiLanguageFor(language: string): UiLanguage {
  return matchLanguage([language], UI_LANGUAGES) ?? "en";
}
