import { LinkifyIt } from "linkify-it";

/**
 * Where the parts of a text stand that no engine may touch. Kinds in order of precedence: where two overlap the earlier
 * kind wins, so that a link inside code is code and a number inside a link is a link.
 */
export const SPAN_KINDS = ["bracket", "code", "link", "mention", "term", "identifier", "emoji"] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export interface Span {
  readonly kind: SpanKind;
  /** UTF-16 indexes; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** Sorted by start, never overlapping. `terms` are never translated: names and words of the room's glossary. */
export function findSpans(text: string, terms: readonly string[]): Span[] {
  const chosen: Span[] = [];
  // One mark per UTF-16 unit: comparing each with all others would take a hostile text of mentions alone a tenth of a second.
  const taken = new Uint8Array(text.length);
  for (const kind of SPAN_KINDS) {
    for (const span of FINDERS[kind](text, terms)) {
      if (span.start >= span.end || taken.subarray(span.start, span.end).includes(1)) continue;
      taken.fill(1, span.start, span.end);
      chosen.push(span);
    }
  }
  return chosen.sort((left, right) => left.start - right.start);
}

/** Scripts of our languages that put no space between words: a letter of theirs says nothing about where a word ends. */
export const UNSPACED = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー]";
// Any other letter, digit or mark right before or behind means: this is the middle of a word.
const IN_WORD = `(?!${UNSPACED})[\\p{L}\\p{N}\\p{M}_]`;
const WORD_BEFORE = `(?<!${IN_WORD})`;
const WORD_AFTER = `(?!${IN_WORD})`;

/** The characters of our own placeholders, where a person wrote them. */
const BRACKET = /[⟦⟧]+/gu;

const CODE = /```[\s\S]+?```|`[^`\n]+`/gu;

// Not after a word character: that is an e-mail address or a handle of somewhere else. Ends with a letter or digit.
// One that does not begin with a letter of such a script ends before the first of them.
const MENTION = new RegExp(`${WORD_BEFORE}@(?:${mentionOf(`(?!${UNSPACED})`)}|${mentionOf("")})`, "gu");

function mentionOf(each: string): string {
  return `${each}[\\p{L}\\p{N}](?:(?:${each}[\\p{L}\\p{N}\\p{M}_.-])*${each}[\\p{L}\\p{N}\\p{M}_])?`;
}

/** Numbers that name something. A price, an amount or an ordinal is language and stays with the text. */
const IDENTIFIER = new RegExp(
  WORD_BEFORE +
    "(?:" +
    [
      // ISO 8601 dates and times.
      "\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?",
      "\\d{4}-W\\d{2}(?:-\\d)?",
      // UUIDs, then hexadecimal numbers.
      "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
      "0[xX][0-9a-fA-F]+",
      "(?=[0-9a-f]*\\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}",
      "(?=[0-9A-F]*\\d)(?=[0-9A-F]*[A-F])[0-9A-F]{7,64}",
      // Versions and addresses: v2, v1.2, 1.2.3, 10.0.0.1, 1.0.0-rc.1.
      "[vV]\\d+(?:\\.\\d+)*(?:-[0-9A-Za-z]+(?:\\.[0-9A-Za-z]+)*)?",
      "\\d+(?:\\.\\d+){2,}(?:-[0-9A-Za-z]+(?:\\.[0-9A-Za-z]+)*)?",
      // Order numbers and the like: AB-1234, INV_2024_001, A1B2C3, ES2023.
      "[A-Z]{1,10}(?:[-_/][A-Z0-9]{1,20})*[-_/]\\d[A-Z0-9]*(?:[-_/][A-Z0-9]{1,20})*",
      "[A-Z]+\\d[A-Z0-9]*",
      // A person's tag: ana-4k7q.
      "\\p{Ll}[\\p{Ll}\\p{N}]*-(?=[0-9a-z]*\\d)(?=[0-9a-z]*[a-z])[0-9a-z]{4}",
    ].join("|") +
    ")" +
    WORD_AFTER,
  "gu",
);

/** #123 and #topic: both name a place. */
const HASH = new RegExp(
  "(?<![\\p{L}\\p{N}\\p{M}_#&])#[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}_-]*[\\p{L}\\p{N}\\p{M}_])?",
  "gu",
);

// Whole sequences: flags, keycaps, skin tones, tags (Scotland), joined ones (families). Spelled out by their grammar,
// because the property RGI_Emoji, which lists them, takes fifty times as long.
const EMOJI_UNIT = "\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|\\uFE0F)?[\\u{E0020}-\\u{E007F}]*";
const EMOJI = new RegExp(
  `(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3|${EMOJI_UNIT}(?:\\u200D${EMOJI_UNIT})*|\\p{Emoji_Modifier})+`,
  "gu",
);

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: false });

type Finder = (text: string, terms: readonly string[]) => Iterable<Span>;

const FINDERS: Readonly<Record<SpanKind, Finder>> = {
  bracket: (text) => matches("bracket", text, BRACKET),
  code: (text) => (text.includes("`") ? matches("code", text, CODE) : NONE),
  link: (text) => (MAY_LINK.test(text) ? findLinks(text) : NONE),
  mention: (text) => (text.includes("@") ? matches("mention", text, MENTION) : NONE),
  term: findTerms,
  identifier: (text) => (MAY_IDENTIFY.test(text) ? findIdentifiers(text) : NONE),
  emoji: (text) => (NOT_ASCII.test(text) ? matches("emoji", text, EMOJI) : NONE),
};

const NONE: readonly Span[] = [];
// What every span of the kind holds. Most messages hold none of it, and to look for this takes a tenth of the time.
/** A scheme, an address, or a dot inside a word. */
const MAY_LINK = /[:@/]|\.\S/u;
/** A UUID may be of letters alone, but not without its hyphens. */
const MAY_IDENTIFY = /[\d#-]/u;
// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const NOT_ASCII = /[^\u0000-\u007F]/u;

function findIdentifiers(text: string): Span[] {
  return [...matches("identifier", text, HASH), ...matches("identifier", text, IDENTIFIER)];
}

function* matches(kind: SpanKind, text: string, pattern: RegExp): Iterable<Span> {
  for (const match of text.matchAll(pattern)) yield { kind, start: match.index, end: match.index + match[0].length };
}

/** Links and e-mail addresses. */
function findLinks(text: string): Span[] {
  const found = (linkify.match(text) ?? []).map((match) => ({ start: match.index, end: match.lastIndex }));
  return [...found, ...findGluedLinks(text)].map((span) => ({ kind: "link", ...span }));
}

/** The library finds no address right behind a letter, where whoever writes without spaces puts it. */
function* findGluedLinks(text: string): Iterable<{ start: number; end: number }> {
  for (const { index, 0: schema } of text.matchAll(GLUED_SCHEMA)) {
    const rest = linkify.testSchemaAt(text, schema.toLowerCase(), index + schema.length);
    if (rest > 0) yield { start: index, end: index + schema.length + rest };
  }
}

const GLUED_SCHEMA = new RegExp(`(?<=${UNSPACED})https?:(?=//)`, "giu");

/** Whole words only and as they are written; the longest term first. */
function* findTerms(text: string, terms: readonly string[]): Iterable<Span> {
  const wanted = terms.filter((term) => term !== "").sort((left, right) => right.length - left.length);
  if (wanted.length === 0) return;
  const escaped = wanted.map((term) => term.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, "\\$&"));
  yield* matches("term", text, new RegExp(`${WORD_BEFORE}(?:${escaped.join("|")})${WORD_AFTER}`, "gu"));
}
