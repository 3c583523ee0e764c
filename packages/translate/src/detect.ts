import { LANGUAGES, languageSchema, type Language } from "@ashchat/contracts/languages";
import type { LanguageDetector } from "@ashchat/core/ports";
import { findSpans } from "./protected-spans";

export interface LoadingDetector extends LanguageDetector {
  /** Resolves when the tables are loaded (25 MB, about 0.2 s); until then only languages with a script of their own are told. */
  ready(): Promise<void>;
}

/**
 * Tells in which language a chat message is written, or null: then the sender's language is assumed, which is right far
 * more often than a guess about two words. Links, names and code are not looked at.
 */
export function createDetector(): LoadingDetector {
  let tables: Tables | null = null;
  const loading = loadTables().then((loaded) => {
    tables = loaded;
  });
  // Without the tables the detector says null; `ready` tells why.
  loading.catch(() => undefined);
  return {
    ready: () => loading,
    detect(text) {
      const words = wordsOf(text);
      const letters = words.match(/\p{L}/gu)?.length ?? 0;
      return ownScript(words, letters) ?? (tables === null ? null : fromTables(tables, words, letters));
    },
  };
}

/** Below it names, laughter and words that many languages share win; scripts that say more per letter need fewer. */
const LETTERS_MIN = 8;
const HAN_LETTERS_MIN = 4;
const OWN_SCRIPT_LETTERS_MIN = 2;
/** How much better than the second the first must be, out of 1. Both measured on testing/chat-corpus.ts. */
const LEAD_MIN = 0.02;
const OWN_SCRIPT_SHARE_MIN = 0.6;

/** Of our languages only one is written in these; Japanese mixes its own with Chinese characters. */
const OWN_SCRIPTS: readonly { language: Language; letters: RegExp; mixedWith?: RegExp }[] = [
  { language: "ko", letters: /\p{Script=Hangul}/gu },
  { language: "ja", letters: /[\p{Script=Hiragana}\p{Script=Katakana}]/gu, mixedWith: /[\p{Script=Han}ー]/gu },
  { language: "he", letters: /\p{Script=Hebrew}/gu },
  { language: "bn", letters: /\p{Script=Bengali}/gu },
  { language: "hi", letters: /\p{Script=Devanagari}/gu },
];

interface Tables {
  detect(text: string): { language: string; isReliable(): boolean; getScores(): Record<string, number> };
}

async function loadTables(): Promise<Tables> {
  const { eld } = await import("eld/extrasmall");
  // An instance of our own: the subset of languages is a setting of the instance.
  const tables = eld.newInstance();
  tables.setLanguageSubset([...LANGUAGES]);
  return tables;
}

function ownScript(words: string, letters: number): Language | null {
  for (const { language, letters: script, mixedWith } of OWN_SCRIPTS) {
    const own = count(words, script);
    const all = own + (own > 0 && mixedWith !== undefined ? count(words, mixedWith) : 0);
    if (all >= OWN_SCRIPT_LETTERS_MIN && all >= letters * OWN_SCRIPT_SHARE_MIN) return language;
  }
  return null;
}

function fromTables(tables: Tables, words: string, letters: number): Language | null {
  const isHan = count(words, /\p{Script=Han}/gu) * 2 > letters;
  if (letters < (isHan ? HAN_LETTERS_MIN : LETTERS_MIN)) return null;
  const result = tables.detect(words);
  const [first = 0, second = 0] = Object.values(result.getScores());
  if (!result.isReliable() || first - second < LEAD_MIN) return null;
  return languageSchema.safeParse(result.language).data ?? null;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** The text without the parts that are no language. */
function wordsOf(text: string): string {
  let words = "";
  let at = 0;
  for (const span of findSpans(text, [])) {
    words += `${text.slice(at, span.start)} `;
    at = span.end;
  }
  return words + text.slice(at);
}
