// oxlint-disable-next-line no-restricted-imports -- pure and synchronous; this door is opened by servers only
import { createHmac, timingSafeEqual } from "node:crypto";
import { LIMITS } from "@ashchat/contracts/limits";
import type { UserId } from "@ashchat/contracts/ids";
import type { CodePurpose } from "@ashchat/contracts/queues";

export interface CodeSubject {
  purpose: CodePurpose;
  registrationId: UserId;
  /** 1 for the first mail; every resend has the next number and with it another code. */
  sendNumber: number;
}

const CODES = 10 ** LIMITS.codeDigits;
const WORD_BYTES = 4;
const WORDS = 2 ** 32;
/** Words from here on would make the low codes likelier than the others. */
const UNBIASED_BELOW = WORDS - (WORDS % CODES);
/** Eight words a block, each thrown away once in 4,000 times: the second block is never needed in practice. */
const BLOCKS_MAX = 8;

/**
 * The code of this mail: digits from HMAC-SHA-256, so that a redelivered job mails the same code and nobody has to keep it. A
 * code for one purpose, registration or mail says nothing about another.
 */
export function codeFor(secret: string, subject: CodeSubject): string {
  for (let block = 0; block < BLOCKS_MAX; block += 1) {
    const digest = createHmac("sha256", secret)
      .update(`${subject.purpose}\n${subject.registrationId}\n${subject.sendNumber}\n${block}`)
      .digest();
    const code = firstUnbiased(digest);
    if (code !== null) return code;
  }
  throw new Error("HMAC-SHA-256 gave no usable word in 64");
}

/** Takes the same time for every guess of the right length. */
export function isSameCode(expected: string, given: string): boolean {
  const left = Buffer.from(expected, "utf8");
  const right = Buffer.from(given, "utf8");
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The digits of the first 32-bit word of `bytes` that is below the bound; exported for the test of its evenness. */
export function firstUnbiased(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset + WORD_BYTES <= view.byteLength; offset += WORD_BYTES) {
    const word = view.getUint32(offset);
    if (word < UNBIASED_BELOW) return String(word % CODES).padStart(LIMITS.codeDigits, "0");
  }
  return null;
}
