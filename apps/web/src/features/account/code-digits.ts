import { LIMITS } from "@ashchat/contracts/limits";

/** The digits of whatever was typed or pasted ("123 456", "１２３"), no more than a code has. */
export function codeDigits(typed: string): string {
  return typed.normalize("NFKC").replaceAll(/\D/gu, "").slice(0, LIMITS.codeDigits);
}

export function isWholeCode(digits: string): boolean {
  return digits.length === LIMITS.codeDigits;
}
