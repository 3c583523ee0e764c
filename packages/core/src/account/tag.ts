import type { RandomBytes } from "@ashchat/contracts/ids";

const STEM_CHARS_MAX = 20;
/** For names without a Latin letter. */
const STEM_OF_OTHERS = "friend";
/** 32 characters that are not mistaken for each other when said or written: 5 bits of a random byte each. */
const ENDING_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz0";
const ENDING_CHARS_MIN = 4;
const ENDING_CHARS_MAX = 8;
/** After so many collisions the ending grows by one character. */
const TRIES_PER_LENGTH = 3;

/** A tag such as `ana-4k7q` for somebody called `name`; `attempt` counts from 0, later ones have longer endings. */
export function tagFor(name: string, attempt: number, randomBytes: RandomBytes): string {
  const chars = Math.min(ENDING_CHARS_MAX, ENDING_CHARS_MIN + Math.floor(attempt / TRIES_PER_LENGTH));
  const ending = Array.from(randomBytes(chars), (byte) => ENDING_ALPHABET.charAt(byte & 31)).join("");
  return `${stemOf(name)}-${ending}`;
}

/** Letters and digits of the first name without their accents. */
function stemOf(name: string): string {
  const first = name.trim().split(/\s+/u)[0] ?? "";
  const latin = first
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/gu, "");
  return latin === "" ? STEM_OF_OTHERS : latin.slice(0, STEM_CHARS_MAX);
}
