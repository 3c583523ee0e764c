import { LIMITS } from "@ashchat/contracts/limits";
import { fail, type Result } from "@ashchat/contracts/result";
import { codePoints, normalizeText, textProblem } from "@ashchat/contracts/text";
import { engineFailure, type EngineFailure } from "./engine";
import { restore, type ProtectedText } from "./protect";

const MARKUP = /<\/?[a-z][^<>]*>|&(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|apos|nbsp);/iu;

/**
 * The translation that readers may see, out of an engine's answer: what any program on the network said is input like any
 * other. Refused: empty, far too long, control characters, markup that the source does not have, lost parts.
 */
export function accept(source: ProtectedText, answer: string): Result<string, EngineFailure> {
  const text = normalizeText(answer);
  const problem = textProblem(text, lengthMax(source.text));
  if (problem !== null) return fail(engineFailure("malformed", `the translation is unacceptable: ${problem}`));
  if (MARKUP.test(text) && !MARKUP.test(source.text)) {
    return fail(engineFailure("malformed", "the translation has markup that the text has not"));
  }
  return restore(text, source.parts);
}

/** Whether an answer for a piece without parts is a text at all. */
export function acceptPiece(piece: string, answer: string): Result<string, EngineFailure> {
  return accept({ text: piece, parts: [], hasWords: true }, answer);
}

function lengthMax(source: string): number {
  return codePoints(source) * LIMITS.translationLengthRatioMax + LIMITS.translationLengthAllowance;
}
