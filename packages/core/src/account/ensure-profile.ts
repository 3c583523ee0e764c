import { appError, type AppError, type ErrorCode } from "@ashchat/contracts/errors";
import type { RandomBytes, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import { noCrash, type CrashPoint } from "../crash";
import type { Account, AccountStore, Clock, Outcome, Profile, ProfileStore } from "../ports";
import { tagFor } from "./tag";

export interface EnsureProfileDeps {
  accounts: Pick<AccountStore, "findById" | "clearPendingProfile">;
  profiles: Pick<ProfileStore, "find" | "create">;
  randomBytes: RandomBytes;
  crash?: CrashPoint;
}

/**
 * Makes the profile that an account still owes and clears `pendingProfile`; any number of times, one profile. Null when
 * there is no such account (it may have been removed since the job was published).
 */
export async function ensureProfile(deps: EnsureProfileDeps, input: { userId: UserId }): Outcome<Profile | null> {
  const account = await deps.accounts.findById(input.userId);
  if (!account.ok) return account;
  if (account.value === null) return ok(null);
  if (account.value.pendingProfile === null) return deps.profiles.find(input.userId);

  const crash = deps.crash ?? noCrash;
  crash("profile.before_create");
  const created = await createWithTag(deps, account.value, account.value.pendingProfile);
  if (!created.ok) return created;
  crash("profile.after_create");
  const cleared = await deps.accounts.clearPendingProfile(input.userId);
  if (!cleared.ok) return cleared;
  crash("profile.after_clear");
  return ok(created.value);
}

const AWAY: ReadonlySet<ErrorCode> = new Set(["unavailable", "timeout"]);

export interface RescueProfilesDeps extends EnsureProfileDeps {
  accounts: Pick<AccountStore, "findById" | "clearPendingProfile" | "withPendingProfile">;
  clock: Clock;
}

/**
 * The profiles worker's sweep: makes the profiles whose job was lost. Returns how many it made, or the first failure. While the
 * store is away the turn ends, for everybody would meet that; any other failure is that account's own, and nobody waits behind it.
 */
export async function rescueProfiles(deps: RescueProfilesDeps): Outcome<number> {
  const before = deps.clock.now() - LIMITS.pendingFirstDueMs;
  const waiting = await deps.accounts.withPendingProfile(before, LIMITS.pendingProfilesPerTurn);
  if (!waiting.ok) return waiting;
  let failure: AppError | null = null;
  for (const userId of waiting.value) {
    const ensured = await ensureProfile(deps, { userId });
    if (ensured.ok) continue;
    if (AWAY.has(ensured.error.code)) return ensured;
    failure ??= ensured.error;
  }
  return failure === null ? ok(waiting.value.length) : fail(failure);
}

async function createWithTag(
  deps: EnsureProfileDeps,
  account: Account,
  pending: NonNullable<Account["pendingProfile"]>,
): Outcome<Profile> {
  for (let attempt = 0; attempt < LIMITS.tagTriesMax; attempt += 1) {
    const created = await deps.profiles.create({
      userId: account.userId,
      tag: tagFor(pending.name, attempt, deps.randomBytes),
      name: pending.name,
      about: "",
      language: pending.language,
      understands: [],
      lastSeenAt: null,
    });
    if (created.ok || created.error.code !== "conflict") return created;
  }
  return fail(appError("conflict", `no free tag after ${LIMITS.tagTriesMax} tries`));
}
