import type { Me, UpdateProfileInput } from "@ashchat/contracts/api";
import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { ProfileView } from "@ashchat/contracts/room";
import { normalizeText, textProblem } from "@ashchat/contracts/text";
import type { AccountStore, Announcer, Caller, Clock, Outcome, Profile, ProfileStore, SessionCaller } from "../ports";

export interface MeDeps {
  accounts: Pick<AccountStore, "findById">;
  profiles: Pick<ProfileStore, "find">;
}

/** Milliseconds; a profile follows its account within about this. */
const PROFILE_FOLLOWS_MS = 1_000;

/** The caller as they see themselves. `unavailable` (retry) in the moment between the account and its profile. */
export async function me(deps: MeDeps, caller: SessionCaller): Outcome<Me> {
  const account = await deps.accounts.findById(caller.userId);
  if (!account.ok) return account;
  if (account.value === null) return fail(appError("not_signed_in", "no such account"));
  const profile = await deps.profiles.find(caller.userId);
  if (!profile.ok) return profile;
  if (profile.value === null) {
    return fail(appError("unavailable", "the profile is being made", { retryAfterMs: PROFILE_FOLLOWS_MS }));
  }
  return ok({
    profile: viewProfile(profile.value),
    email: account.value.email,
    sessionId: caller.sessionId,
    understands: profile.value.understands,
    uiLanguage: account.value.uiLanguage,
  });
}

export interface UpdateProfileDeps {
  accounts: Pick<AccountStore, "findById" | "setUiLanguage">;
  profiles: Pick<ProfileStore, "find" | "update">;
  announcer: Announcer;
  clock: Clock;
}

/** Writes the fields that are given and tells everybody who shares a room with the person, and their other devices. */
export async function updateProfile(
  deps: UpdateProfileDeps,
  caller: SessionCaller,
  input: UpdateProfileInput,
): Outcome<Me> {
  const fields = acceptFields(input);
  if (!fields.ok) return fields;
  if (input.uiLanguage !== undefined) {
    const set = await deps.accounts.setUiLanguage(caller.userId, input.uiLanguage);
    if (!set.ok) return set;
  }
  // The profile does not hold the language of the screens, but its change is what other devices hear and look for.
  if (Object.keys(fields.value).length > 0 || input.uiLanguage !== undefined) {
    const updated = await deps.profiles.update(caller.userId, fields.value, deps.clock.now());
    if (!updated.ok) return updated;
    if (updated.value !== null) {
      const { understands } = updated.value;
      deps.announcer.announce({ kind: "profile", profile: viewProfile(updated.value), understands });
    }
  }
  return me(deps, caller);
}

/** The person behind a tag. `not_found` when nobody has it. */
export async function findByTag(
  deps: { profiles: Pick<ProfileStore, "findByTag"> },
  _caller: Caller,
  input: { tag: string },
): Outcome<ProfileView> {
  const found = await deps.profiles.findByTag(input.tag);
  if (!found.ok) return found;
  return found.value === null ? fail(appError("not_found", "nobody has this tag")) : ok(viewProfile(found.value));
}

/** What others may see of a person. */
export function viewProfile({ userId, tag, name, about, language }: Profile): ProfileView {
  return { userId, tag, name, about, language };
}

type ProfileFields = Partial<Pick<Profile, "name" | "about" | "language" | "understands">>;

function acceptFields(input: UpdateProfileInput): Result<ProfileFields> {
  const fields: ProfileFields = {};
  if (input.name !== undefined) fields.name = input.name;
  if (input.language !== undefined) fields.language = input.language;
  if (input.understands !== undefined) fields.understands = [...new Set(input.understands)];
  if (input.about !== undefined) {
    fields.about = normalizeText(input.about);
    const problem = fields.about === "" ? null : textProblem(fields.about, LIMITS.aboutCodePointsMax);
    if (problem !== null) return fail(appError(problem, "about"));
  }
  return ok(fields);
}
