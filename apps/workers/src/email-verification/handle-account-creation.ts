import type { AppError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import type { AccountCreationJob, PendingAccount } from "@ashchat/contracts/queues";
import { ok, type Result } from "@ashchat/contracts/result";
import { codeFor } from "@ashchat/core/code";
import type { CrashPoint } from "@ashchat/core/crash";
import type { Outcome } from "@ashchat/core/ports";
import type { JobOutcome } from "@ashchat/messaging/settlement";
import type { Codes } from "@ashchat/redis/codes";
import { composeAlreadyRegisteredMail, composeCodeMail, type Mail } from "../mail/compose";
import type { Mailer } from "../mail/mailer";

export interface AccountCreationDeps {
  codes: Pick<Codes, "putPending" | "getPending" | "raiseSendNumber">;
  mailer: Pick<Mailer, "send">;
  codeSecret: string;
  codeTtlMs: number;
  publicUrl: string;
  crash: CrashPoint;
}

/**
 * A known address gets a pending entry as well, with a password that nothing verifies: guesses at its code are then
 * counted and answered like any others, and nobody learns from them that the address is known.
 */
const DECOY_PASSWORD_HASH = "-";
const FIRST_SEND = 1;

export function isDecoy(account: PendingAccount): boolean {
  return account.passwordHash === DECOY_PASSWORD_HASH;
}

/** Keeps the pending account, then mails. Repeated, it keeps nothing new and mails the same code under the same id. */
export async function handleAccountCreation(deps: AccountCreationDeps, job: AccountCreationJob): Promise<JobOutcome> {
  const handled = await handle(deps, job);
  if (handled.ok) return { kind: "done" };
  const { error } = handled;
  return error.retryable ? { kind: "retry", error } : { kind: "poison", reason: `${error.code}: ${error.message}` };
}

async function handle(deps: AccountCreationDeps, job: AccountCreationJob): Outcome<void> {
  const { registrationId } = job;
  switch (job.type) {
    case "account.register":
      return keepAndMail(deps, { registrationId, account: job.account, sendNumber: job.sendNumber });
    case "account.already_registered": {
      const { email, uiLanguage } = job;
      const account = { email, name: "", language: uiLanguage, uiLanguage, passwordHash: DECOY_PASSWORD_HASH };
      return keepAndMail(deps, { registrationId, account, sendNumber: FIRST_SEND });
    }
    case "account.resend_code": {
      deps.crash("mailing.before_raise");
      const raised = await deps.codes.raiseSendNumber(registrationId, job.sendNumber, deps.codeTtlMs);
      if (!raised.ok) return raised;
      deps.crash("mailing.after_raise");
      // Expired meanwhile, or overtaken by a later send: nothing to mail.
      if (raised.value === null || raised.value.sendNumber > job.sendNumber) return ok(undefined);
      const { account, leftMs } = raised.value;
      return mail(deps, { registrationId, account, sendNumber: job.sendNumber, leftMs });
    }
  }
}

interface Sending {
  registrationId: UserId;
  account: PendingAccount;
  sendNumber: number;
  /** How long the code is still good: a mail that an SMTP server took only at a later try promises no more than that. */
  leftMs: number;
}

async function keepAndMail(deps: AccountCreationDeps, sending: Omit<Sending, "leftMs">): Outcome<void> {
  const { account, sendNumber, registrationId } = sending;
  deps.crash("mailing.before_keep");
  const kept = await deps.codes.putPending(registrationId, { account, sendNumber }, deps.codeTtlMs);
  if (!kept.ok) return kept;
  deps.crash("mailing.after_keep");
  const pending = await deps.codes.getPending(registrationId);
  if (!pending.ok) return pending;
  // Delivered again after another code was sent: the first one is void, its mail would only confuse.
  if (pending.value !== null && pending.value.sendNumber > sendNumber) return ok(undefined);
  return mail(deps, { ...sending, leftMs: pending.value?.leftMs ?? deps.codeTtlMs });
}

async function mail(deps: AccountCreationDeps, sending: Sending): Promise<Result<void, AppError>> {
  const composed = await compose(deps, sending);
  deps.crash("mailing.before_mail");
  const sent = await deps.mailer.send(composed);
  if (sent.ok) deps.crash("mailing.after_mail");
  return sent;
}

function compose(deps: AccountCreationDeps, { registrationId, account, sendNumber, leftMs }: Sending): Promise<Mail> {
  const { email: address, name, uiLanguage: locale } = account;
  if (isDecoy(account)) {
    const signInUrl = new URL("/sign-in", deps.publicUrl).href;
    return composeAlreadyRegisteredMail({ address, locale, signInUrl, registrationId, sendNumber });
  }
  const code = codeFor(deps.codeSecret, { purpose: "registration", registrationId, sendNumber });
  const to = { name, address };
  return composeCodeMail({ to, locale, code, leftMs, registrationId, sendNumber });
}
