import * as z from "zod/mini";
import type { ErrorCode } from "./errors";
import { LIMITS } from "./limits";

// Tab and newline may stand in a message; bidi overrides could make one text look like another.
// oxlint-disable-next-line no-control-regex -- refusing control characters is the purpose
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Only of white space, joiners and other invisible marks. */
const INVISIBLE_ONLY = /^[\s\u00AD\u200B-\u200F\u2060-\u2064\uFEFF]*$/u;

/** Line ends become `\n`, NFC, no white space around. The text that is checked is the text that is stored. */
export function normalizeText(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").normalize("NFC").trim();
}

/** Why `text` (normalised) cannot be a message of at most `codePointsMax`, or null. */
export function textProblem(text: string, codePointsMax: number = LIMITS.messageCodePointsMax): ErrorCode | null {
  if (INVISIBLE_ONLY.test(text)) return "text_empty";
  if (LONE_SURROGATE.test(text)) return "text_malformed";
  if (CONTROL.test(text)) return "text_control_characters";
  if (text.length > codePointsMax && codePoints(text) > codePointsMax) return "text_too_long";
  return null;
}

export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** One line of text for names and titles: normalised, then checked like a message, without line ends. */
export function lineSchema(codePointsMax: number) {
  return z.pipe(
    z.pipe(
      // A bound before the work: code points are at most the UTF-16 length.
      z.string().check(z.maxLength(codePointsMax * 4)),
      z.transform((text: string) => normalizeText(text).replaceAll(/\s+/gu, " ")),
    ),
    z.string().check(z.refine((text) => textProblem(text, codePointsMax) === null)),
  );
}
