import { fail, ok, type Result } from "@ashchat/contracts/result";
import { engineFailure, type EngineFailure } from "./engine";
import { findSpans, UNSPACED, type SpanKind } from "./protected-spans";

/**
 * Parts of a text that no engine may touch become placeholders ⟦0⟧, ⟦1⟧ … and come back afterwards. Brackets of this
 * form that a person wrote are protected parts themselves, so every ⟦ in a protected text is ours.
 *
 * Law: restoring an untouched protected text gives the text back, whatever it holds. A translation is accepted only with
 * every placeholder exactly once; engines may move them, put spaces inside, or use the digits of another script.
 */
export interface ProtectedText {
  /** What an engine gets. */
  readonly text: string;
  readonly parts: readonly ProtectedPart[];
  /** False where nothing is left but parts, numbers and punctuation: there is nothing to translate. */
  readonly hasWords: boolean;
}

export interface ProtectedPart {
  readonly kind: SpanKind;
  readonly text: string;
  readonly before: Edge;
  readonly after: Edge;
}

/**
 * What a part stood next to. `apart` from words and other parts: an engine may not glue it to one. `unspaced`: to a word
 * of a script that has no spaces; in another script it stands apart. `tight`: to a word or a part, and may again.
 */
type Edge = "apart" | "unspaced" | "tight";

export function protect(text: string, terms: readonly string[] = []): ProtectedText {
  const spans = findSpans(text, terms);
  const parts: ProtectedPart[] = [];
  let out = "";
  let words = "";
  let at = 0;
  for (const [index, span] of spans.entries()) {
    const between = text.slice(at, span.start);
    out += `${between}⟦${index}⟧`;
    words += between;
    const touchesPart = { before: spans[index - 1]?.end === span.start, after: spans[index + 1]?.start === span.end };
    parts.push({
      kind: span.kind,
      text: text.slice(span.start, span.end),
      before: touchesPart.before ? "tight" : edgeOf(lastOf(text.slice(at, span.start))),
      after: touchesPart.after ? "tight" : edgeOf(firstOf(text.slice(span.end, span.end + EDGE_CHARS))),
    });
    at = span.end;
  }
  const rest = text.slice(at);
  return { text: out + rest, parts, hasWords: /\p{L}/u.test(words + rest) };
}

/** Puts the parts back; `placeholder_lost` where one is missing, there twice, or was never ours. */
export function restore(translated: string, parts: readonly ProtectedPart[]): Result<string, EngineFailure> {
  if (!HAS_BRACKET.test(translated)) return parts.length === 0 ? ok(translated) : lost();
  const seen = new Set<number>();
  let out = "";
  let at = 0;
  for (const match of translated.matchAll(PLACEHOLDER)) {
    const number = numberOf(match[1] ?? "");
    const part = parts[number];
    if (part === undefined || seen.has(number)) return lost();
    seen.add(number);
    out += translated.slice(at, match.index);
    at = match.index + match[0].length;
    out += gap(part, part.before, lastOf(out)) + part.text;
    out += gap(part, part.after, firstOf(translated.slice(at, at + EDGE_CHARS)));
  }
  const rest = translated.slice(at);
  if (seen.size !== parts.length) return lost();
  return hasStrayBracket(translated) ? lost() : ok(out + rest);
}

/**
 * The text between the placeholders, for an engine that loses them: each piece of words alone, the rest kept. `join` puts
 * translated pieces back between the untouched parts, in the order of the original.
 */
export function cutAtPlaceholders(protectedText: ProtectedText): {
  pieces: string[];
  join: (pieces: readonly string[]) => string;
} {
  const raw = protectedText.text.split(/(⟦\d+⟧|\s+(?=⟦|$)|(?<=⟧)\s+|^\s+)/u);
  const isPiece = raw.map((piece) => /\p{L}/u.test(piece));
  const pieces = raw.filter((_, index) => isPiece[index]);
  return {
    pieces,
    join(translated) {
      let next = 0;
      return raw.map((piece, index) => (isPiece[index] ? (translated[next++] ?? "") : piece)).join("");
    },
  };
}

/** Zeros of the scripts in which engines were seen to write numbers: Arabic, Persian, Devanagari, Bengali, full width. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xff10];
const PLACEHOLDER = /⟦\s*([0-9٠-٩۰-۹०-९০-৯０-９]{1,6})\s*⟧/gu;
const HAS_BRACKET = /[⟦⟧]/u;
// Marks belong to words: in many scripts a vowel at the end is one, and a link behind it would be glued to the word.
const WORD = /[\p{L}\p{N}\p{M}]/u;
const UNSPACED_WORD = new RegExp(UNSPACED, "u");
/** Enough to hold one character of any plane. */
const EDGE_CHARS = 2;

/** The first and the last character, or nothing. */
const firstOf = (text: string) => /^./su.exec(text.slice(0, EDGE_CHARS))?.[0] ?? "";
const lastOf = (text: string) => /.$/su.exec(text.slice(-EDGE_CHARS))?.[0] ?? "";

function edgeOf(neighbour: string): Edge {
  if (UNSPACED_WORD.test(neighbour)) return "unspaced";
  return WORD.test(neighbour) ? "tight" : "apart";
}

/** The space that an engine has left out between a part and what is next to it now. */
function gap(part: ProtectedPart, edge: Edge, neighbour: string): string {
  if (edge === "tight" || part.kind === "emoji" || part.kind === "bracket") return "";
  if (edge === "unspaced" && UNSPACED_WORD.test(neighbour)) return "";
  return WORD.test(neighbour) || neighbour === "⟦" ? " " : "";
}

function lost(): Result<never, EngineFailure> {
  return fail(engineFailure("placeholder_lost", "a protected part did not come back exactly once"));
}

function hasStrayBracket(translated: string): boolean {
  return HAS_BRACKET.test(translated.replaceAll(PLACEHOLDER, ""));
}

function numberOf(digits: string): number {
  let value = 0;
  for (const digit of digits) {
    const codePoint = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.findLast((start) => start <= codePoint) ?? codePoint;
    value = value * 10 + codePoint - zero;
  }
  return value;
}
