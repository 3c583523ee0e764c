import { LANGUAGES, type Language } from "@ashchat/contracts/languages";

/** The names that one engine has for each of our languages, best first. */
export type TagTable = (language: Language) => readonly string[];

/** Google Cloud Translation: BCP-47, with the old name for Hebrew beside the new one. */
export const googleTags = tableWith({ he: ["he", "iw"], zh: ["zh-CN", "zh"], pt: ["pt", "pt-BR"] });

/** LibreTranslate: ISO 639-1; newer releases split Chinese and Portuguese. */
export const libretranslateTags = tableWith({ zh: ["zh", "zh-Hans", "zh-CN"], pt: ["pt", "pt-PT", "pt-BR"] });

/** Apertium: ISO 639-3, variants after an underscore (`por_BR`), macro-languages by either code. */
export const apertiumTags = tableWith({
  ar: ["ara", "arb", "ar"],
  bn: ["ben", "bn"],
  ca: ["cat", "ca", "cat_iec2017", "cat_valencia"],
  de: ["deu", "de"],
  en: ["eng", "en", "eng_US", "eng_GB"],
  es: ["spa", "es"],
  fa: ["pes", "fas", "fa"],
  fr: ["fra", "fr"],
  he: ["heb", "he"],
  hi: ["hin", "hi"],
  it: ["ita", "it"],
  ja: ["jpn", "ja"],
  ko: ["kor", "ko"],
  nl: ["nld", "nl"],
  pl: ["pol", "pl"],
  pt: ["por", "pt", "por_PTpre1990", "por_BR"],
  ru: ["rus", "ru"],
  tr: ["tur", "tr"],
  uk: ["ukr", "uk"],
  ur: ["urd", "ur"],
  vi: ["vie", "vi"],
  zh: ["zho", "cmn", "zh"],
});

/** Our language for an engine's name, or null for one that we do not offer. Letter case is ignored. */
export function languageOf(table: TagTable, tag: string): Language | null {
  const wanted = tag.toLowerCase();
  return LANGUAGES.find((language) => table(language).some((name) => name.toLowerCase() === wanted)) ?? null;
}

/** The engine's name for `language` out of those that it has, the best of the table first; null when it has none. */
export function tagOf(table: TagTable, language: Language, offered: ReadonlySet<string>): string | null {
  const byLowerCase = new Map([...offered].map((tag) => [tag.toLowerCase(), tag]));
  for (const name of table(language)) {
    const found = byLowerCase.get(name.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

/** Where the table says nothing the engine uses our own tag. */
function tableWith(names: Partial<Record<Language, readonly string[]>>): TagTable {
  return (language) => names[language] ?? [language];
}
