import { LIMITS } from "@ashchat/contracts/limits";
import type { ConfirmEmailCodeReply, ConfirmEmailCodeRequest } from "@ashchat/contracts/queues";
import { ok } from "@ashchat/contracts/result";
import { codeFor, isSameCode } from "@ashchat/core/code";
import type { Clock, Outcome } from "@ashchat/core/ports";
import type { JobOutcome } from "@ashchat/messaging/settlement";
import type { Logger } from "@ashchat/runtime/logger";
import type { Codes } from "@ashchat/redis/codes";
import { isDecoy } from "./handle-account-creation";

export interface CodeConfirmationDeps {
  codes: Pick<Codes, "getPending" | "countTry" | "forgiveTry">;
  codeSecret: string;
  clock: Clock;
  log: Pick<Logger, "warn">;
}

/** Nobody waits for a late answer any more, so a late question is not worth a try. */
export async function handleCodeConfirmation(
  deps: CodeConfirmationDeps,
  request: ConfirmEmailCodeRequest,
): Promise<JobOutcome> {
  if (deps.clock.now() > request.deadlineAt) return { kind: "done" };
  const reply = await judgeCode(deps, request);
  if (reply.ok) return { kind: "reply", body: reply.value };
  // The asker learns it by its own deadline and may ask again; to keep the question would only keep the code.
  deps.log.warn({ err: reply.error }, "a code could not be judged");
  return { kind: "done" };
}

/**
 * The try is counted before the code is compared: parallel guesses cannot share one. The sixth try of a code is refused
 * whatever it says. The right code answers yes again until the time to live ends, so a lost reply can be asked for again.
 */
export async function judgeCode(
  deps: Omit<CodeConfirmationDeps, "log">,
  request: ConfirmEmailCodeRequest,
): Outcome<ConfirmEmailCodeReply> {
  const { registrationId, purpose, code } = request;
  const pending = await deps.codes.getPending(registrationId);
  if (!pending.ok) return pending;
  if (pending.value === null) return ok({ status: "expired" });
  const { account, sendNumber } = pending.value;

  const counted = await deps.codes.countTry(registrationId, sendNumber);
  if (!counted.ok) return counted;
  if (counted.value === null) return ok({ status: "expired" });
  if (counted.value > LIMITS.codeTriesMax) return ok({ status: "burnt" });

  const expected = codeFor(deps.codeSecret, { purpose, registrationId, sendNumber });
  const isRight = isSameCode(expected, code) && !isDecoy(account);
  if (!isRight) {
    const triesLeft = LIMITS.codeTriesMax - counted.value;
    return ok(triesLeft > 0 ? { status: "wrong", triesLeft } : { status: "burnt" });
  }
  // Over-counting is safe: should this fail, the right code has fewer repeats left, never more guesses.
  await deps.codes.forgiveTry(registrationId, sendNumber);
  return ok({ status: "confirmed", account });
}
