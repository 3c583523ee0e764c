import type { CodeSent, RegisterInput } from "@ashchat/contracts/api";
import type { CorrelationId, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES, type AccountCreationJob } from "@ashchat/contracts/queues";
import { ok } from "@ashchat/contracts/result";
import { noCrash, type CrashPoint } from "../crash";
import type { AccountStore, Clock, JobPublisher, Outcome, PasswordHasher } from "../ports";

export interface RegisterDeps {
  accounts: Pick<AccountStore, "findByEmail">;
  passwords: Pick<PasswordHasher, "hash">;
  publisher: Pick<JobPublisher, "publish">;
  clock: Clock;
  crash?: CrashPoint;
}

export interface RegistrationContext {
  /** Kept in an HttpOnly cookie, so that a code only confirms the registration of this browser. */
  registrationId: UserId;
  correlationId: CorrelationId;
}

/**
 * Begins a registration: a code goes to the address. The work and the answer are the same whether or not the address is
 * known; a known one gets a mail that says so instead. Nothing is stored here: without the code no account comes to be.
 */
export async function register(
  deps: RegisterDeps,
  input: RegisterInput,
  context: RegistrationContext,
): Outcome<CodeSent> {
  const crash = deps.crash ?? noCrash;
  const passwordHash = await deps.passwords.hash(input.password);
  if (!passwordHash.ok) return passwordHash;
  const known = await deps.accounts.findByEmail(input.email);
  if (!known.ok) return known;

  const { email, name, language, uiLanguage } = input;
  const job: AccountCreationJob =
    known.value === null
      ? {
          v: 1,
          type: "account.register",
          ...context,
          account: { email, name, language, uiLanguage, passwordHash: passwordHash.value },
          sendNumber: 1,
        }
      : { v: 1, type: "account.already_registered", ...context, email, uiLanguage };
  crash("register.before_publish");
  const published = await deps.publisher.publish(QUEUES.accountCreation, job);
  if (!published.ok) return published;
  crash("register.after_publish");
  return ok(codeSentAt(deps.clock.now()));
}

/** Until when the code that is mailed now can be used, and when another may be asked for. */
export function codeSentAt(now: number): CodeSent {
  return { expiresAt: now + LIMITS.codeTtlMs, resendAfterMs: LIMITS.codeResendAfterMs };
}
