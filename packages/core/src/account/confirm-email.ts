import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES, type ConfirmEmailCodeReply, type PendingAccount } from "@ashchat/contracts/queues";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { noCrash, type CrashPoint } from "../crash";
import type { AccountStore, Clock, CodeConfirmer, JobPublisher, Outcome } from "../ports";
import type { RegistrationContext } from "./register";

export interface ConfirmEmailDeps {
  codes: CodeConfirmer;
  accounts: Pick<AccountStore, "insert">;
  publisher: Pick<JobPublisher, "offer">;
  clock: Clock;
  crash?: CrashPoint;
}

/**
 * The right code makes the account, under the registration's id; repeated, it finds the same account. The profile follows from its
 * own job, and `pendingProfile` in the account remembers it should that job be lost.
 *
 * Errors: `code_wrong`, `code_burnt`, `code_expired`; `conflict` when the address got another account meanwhile.
 */
export async function confirmEmail(
  deps: ConfirmEmailDeps,
  input: RegistrationContext & { code: string },
): Outcome<{ email: string }> {
  const crash = deps.crash ?? noCrash;
  const { registrationId, correlationId, code } = input;
  const now = deps.clock.now();
  crash("confirm.before_code");
  const reply = await deps.codes.confirm({
    v: 1,
    type: "code.confirm",
    correlationId,
    registrationId,
    purpose: "registration",
    code,
    deadlineAt: now + LIMITS.rpcTimeoutMs,
  });
  if (!reply.ok) return reply;
  const confirmed = judge(reply.value);
  if (!confirmed.ok) return confirmed;
  crash("confirm.after_code");

  const { email, passwordHash, uiLanguage, name, language } = confirmed.value;
  const account = await deps.accounts.insert({
    userId: registrationId,
    email,
    passwordHash,
    uiLanguage,
    pendingProfile: { name, language },
    createdAt: now,
  });
  if (!account.ok) return account;
  crash("confirm.after_insert");
  if (account.value.pendingProfile !== null) {
    deps.publisher.offer(QUEUES.profileCreation, {
      v: 1,
      type: "profile.create",
      correlationId,
      userId: registrationId,
    });
  }
  crash("confirm.after_publish");
  return ok({ email });
}

function judge(reply: ConfirmEmailCodeReply): Result<PendingAccount> {
  switch (reply.status) {
    case "confirmed":
      return ok(reply.account);
    case "wrong":
      return fail(appError("code_wrong", `wrong code, ${reply.triesLeft} tries left`));
    case "burnt":
      return fail(appError("code_burnt", "too many wrong tries"));
    case "expired":
      return fail(appError("code_expired", "no pending registration under this id"));
  }
}
