import type { CodeSent } from "@ashchat/contracts/api";
import { QUEUES } from "@ashchat/contracts/queues";
import { ok } from "@ashchat/contracts/result";
import { noCrash, type CrashPoint } from "../crash";
import type { Clock, CodeSends, JobPublisher, Outcome } from "../ports";
import { codeSentAt, type RegistrationContext } from "./register";

export interface ResendCodeDeps {
  sends: CodeSends;
  publisher: Pick<JobPublisher, "publish">;
  clock: Clock;
  crash?: CrashPoint;
}

/**
 * Mails another code; the one before it is void from then on. For an expired or unknown registration nothing is mailed, and the answer is
 * the same. Errors: `resend_too_soon` with `retryAfterMs`, `rate_limited`.
 */
export async function resendCode(deps: ResendCodeDeps, context: RegistrationContext): Outcome<CodeSent> {
  const crash = deps.crash ?? noCrash;
  crash("resend.before_count");
  const sendNumber = await deps.sends.next(context.registrationId);
  if (!sendNumber.ok) return sendNumber;
  crash("resend.before_publish");
  const published = await deps.publisher.publish(QUEUES.accountCreation, {
    v: 1,
    type: "account.resend_code",
    ...context,
    sendNumber: sendNumber.value,
  });
  if (!published.ok) return published;
  crash("resend.after_publish");
  return ok(codeSentAt(deps.clock.now()));
}
