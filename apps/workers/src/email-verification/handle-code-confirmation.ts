import { LIMITS } from "@ashchat/contracts/limits";
import type { ConfirmEmailCodeReply, ConfirmEmailCodeRequest } from "@ashchat/contracts/queues";
import { ok } from "@ashchat/contracts/result";
import { codeFor, isSameCode } from "@ashchat/core/code";
import type { CrashPoint } from "@ashchat/core/crash";
import type { Clock, Outcome } from "@ashchat/core/ports";
import type { JobOutcome } from "@ashchat/messaging/settlement";
import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { Codes } from "@ashchat/redis/codes";
import { isDecoy } from "./handle-account-creation";

export interface CodeConfirmationDeps {
  codes: Pick<Codes, "getPending" | "countTry">;
  codeSecret: string;
  clock: Clock;
  crash: CrashPoint;
  metrics: Pick<Metrics, "counter">;
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
 * No verdict leaves before its try is counted, and counting and giving a right one back are one step: parallel guesses cannot
 * share a try, and parallel right answers cannot use them up. The sixth try of a code is refused whatever it says. The
 * right code answers yes again until the time to live ends, so a lost reply can be asked for again.
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

  const expected = codeFor(deps.codeSecret, { purpose, registrationId, sendNumber });
  const isRight = isSameCode(expected, code) && !isDecoy(account);
  deps.crash("code.before_count");
  const counted = await deps.codes.countTry(registrationId, sendNumber, isRight);
  if (!counted.ok) return counted;
  deps.crash("code.after_count");
  if (counted.value === null) return ok({ status: "expired" });
  const isWithin = counted.value <= LIMITS.codeTriesMax;
  deps.metrics
    .counter("code_tries_total", "Tries of codes: right, wrong, or refused because the tries are used up", ["verdict"])
    .inc({ verdict: verdictOf(isWithin, isRight) });
  if (!isWithin) return ok({ status: "burnt" });
  if (isRight) return ok({ status: "confirmed", account });
  const triesLeft = LIMITS.codeTriesMax - counted.value;
  return ok(triesLeft > 0 ? { status: "wrong", triesLeft } : { status: "burnt" });
}

/** A refused try tells nobody, the log of numbers neither, whether its code was right. */
function verdictOf(isWithin: boolean, isRight: boolean): "right" | "wrong" | "refused" {
  if (!isWithin) return "refused";
  return isRight ? "right" : "wrong";
}
