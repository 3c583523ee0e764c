import { appError } from "@ashchat/contracts/errors";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { normalizeText, textProblem } from "@ashchat/contracts/text";

/** The text as it is stored, or the reason why it cannot be a message. */
export function acceptText(raw: string): Result<string> {
  const text = normalizeText(raw);
  const problem = textProblem(text);
  return problem === null ? ok(text) : fail(appError(problem, "the text cannot be a message"));
}
