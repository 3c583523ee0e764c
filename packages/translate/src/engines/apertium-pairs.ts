import { LANGUAGES, type Language } from "@ashchat/contracts/languages";
import type { LanguagePair } from "../engine";
import { apertiumTags, languageOf } from "./language-tags";

/** One direct pair by Apertium's codes (`eng|spa`) and ours. */
export interface DirectPair extends LanguagePair {
  readonly code: string;
}

/**
 * The direct pairs between our languages that a server lists; of variants (`por`, `por_BR`) the best by the table.
 * Sorted as LANGUAGES.
 */
export function directPairs(listed: readonly { sourceLanguage: string; targetLanguage: string }[]): DirectPair[] {
  const best = new Map<string, DirectPair & { rank: number }>();
  for (const { sourceLanguage, targetLanguage } of listed) {
    const from = languageOf(apertiumTags, sourceLanguage);
    const to = languageOf(apertiumTags, targetLanguage);
    if (from === null || to === null || from === to) continue;
    const rank = rankOf(from, sourceLanguage) + rankOf(to, targetLanguage);
    const known = best.get(`${from}>${to}`);
    if (known === undefined || rank < known.rank) {
      best.set(`${from}>${to}`, { from, to, code: `${sourceLanguage}|${targetLanguage}`, rank });
    }
  }
  return [...best.values()]
    .sort((left, right) => order(left) - order(right))
    .map(({ from, to, code }) => ({ from, to, code }));
}

/** The steps for every pair that can be served: one directly, two through a third language. */
export function routes(direct: readonly DirectPair[]): Map<string, readonly DirectPair[]> {
  const found = new Map<string, readonly DirectPair[]>();
  for (const first of direct) {
    for (const second of direct) {
      const key = routeKey({ from: first.from, to: second.to });
      if (first.to === second.from && first.from !== second.to && !found.has(key)) found.set(key, [first, second]);
    }
  }
  for (const pair of direct) found.set(routeKey(pair), [pair]);
  return found;
}

export function routeKey(pair: LanguagePair): string {
  return `${pair.from}>${pair.to}`;
}

function rankOf(language: Language, tag: string): number {
  return apertiumTags(language).indexOf(tag);
}

function order(pair: LanguagePair): number {
  return LANGUAGES.indexOf(pair.from) * LANGUAGES.length + LANGUAGES.indexOf(pair.to);
}
