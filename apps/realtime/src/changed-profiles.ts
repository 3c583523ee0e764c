import type { AppError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import type { ReadyFrame } from "@ashchat/contracts/realtime";
import type { ProfileView } from "@ashchat/contracts/room";
import { viewProfile } from "@ashchat/core/account/profile";
import type { Profile, ProfileStore } from "@ashchat/core/ports";
import type { NodeLimits } from "./limits";

/**
 * Whose profile changed lately, for `ready`: names are announced once and kept in no log, so whoever was away would have to
 * fetch all of them again, everybody at once after a restart.
 *
 * The database is read after somebody begins to look, one read at a time for all who wait; what is announced from then until
 * `ready` is added, because this connection does not hear it itself yet.
 */
export interface ChangedProfilesDeps {
  readonly profiles: Pick<ProfileStore, "changedSince">;
  readonly limits: Pick<NodeLimits, "changedProfilesMs" | "changedProfilesMax">;
  readonly now: () => number;
  onError(error: AppError, what: string): void;
}

export interface ChangedProfiles {
  heard(profile: ProfileView): void;
  look(): Look;
  /** Announcements were lost from about `at` on: who changed since. The oldest, where they are too many; none where it fails. */
  missedSince(at: number): Promise<readonly Profile[]>;
}

/** A broken connection to Redis is not noticed at once. */
const NOTICED_AFTER_MS = 30_000;

export interface Look {
  /** Resolves when the database has answered, or has failed to. */
  readonly done: Promise<void>;
  /** Those that concern somebody, as they are now; null where that is not known, or not until `done`. */
  tell(concerns: (userId: UserId) => boolean): NonNullable<ReadyFrame["changedProfiles"]> | null;
  end(): void;
}

interface Read {
  readonly since: number;
  readonly profiles: readonly Profile[];
}

export function createChangedProfiles(deps: ChangedProfilesDeps): ChangedProfiles {
  const { limits, now } = deps;
  /** For each look under way what was announced since it began. */
  const looks = new Set<Map<UserId, ProfileView>>();
  /** Asked for and not begun. */
  let nextRead: Promise<Read | null> | null = null;
  let lastRead: Promise<Read | null> | null = null;

  /** Begins when the one before has ended: until then everybody who looks shares it. */
  async function read(): Promise<Read | null> {
    await lastRead?.catch(() => null);
    await new Promise((begin) => setImmediate(begin));
    lastRead = nextRead;
    nextRead = null;
    const since = now() - limits.changedProfilesMs;
    const found = await deps.profiles.changedSince(since, limits.changedProfilesMax + 1);
    if (!found.ok) deps.onError(found.error, "reading changed profiles");
    return found.ok && found.value.length <= limits.changedProfilesMax ? { since, profiles: found.value } : null;
  }

  return {
    heard(profile) {
      for (const heard of looks) if (heard.size <= limits.changedProfilesMax) heard.set(profile.userId, profile);
    },
    look() {
      const heard = new Map<UserId, ProfileView>();
      looks.add(heard);
      nextRead ??= read();
      let answer: Read | null = null;
      return {
        done: nextRead.then((found) => void (answer = found)),
        tell(concerns) {
          if (answer === null || heard.size > limits.changedProfilesMax) return null;
          const changed = new Map(answer.profiles.map((profile) => [profile.userId, viewProfile(profile)]));
          for (const profile of heard.values()) changed.set(profile.userId, profile);
          return { since: answer.since, profiles: [...changed.values()].filter(({ userId }) => concerns(userId)) };
        },
        end: () => void looks.delete(heard),
      };
    },
    async missedSince(at) {
      const found = await deps.profiles.changedSince(at - NOTICED_AFTER_MS, limits.changedProfilesMax);
      if (!found.ok) deps.onError(found.error, "reading changed profiles");
      return found.ok ? found.value : [];
    },
  };
}
