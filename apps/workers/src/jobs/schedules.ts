import type { AppError } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";
import type { Clock, ProfileStore, SessionStore } from "@ashchat/core/ports";
import type { Schedule } from "@ashchat/redis/jobs";
import type { LastSeen } from "@ashchat/redis/last-seen";

/** An expired session is of no use, but its owner may still wonder about it: it stays this long. */
const KEPT_AFTER_EXPIRY_MS = 24 * 3_600_000;

const LAST_SEEN_EVERY_MS = 60_000;
/** In UTC, when most of the world that has signed up here sleeps or has just got up. */
const NIGHTLY = "17 3 * * *";

export interface ScheduleDeps {
  lastSeen: LastSeen;
  profiles: Pick<ProfileStore, "setLastSeen">;
  sessions: Pick<SessionStore, "deleteExpired">;
  clock: Clock;
}

/** What is done by the clock. */
export function schedulesOf({ lastSeen, profiles, sessions, clock }: ScheduleDeps): readonly Schedule[] {
  return [
    {
      name: "last-seen-write-back",
      everyMs: LAST_SEEN_EVERY_MS,
      handler: () => writeBackLastSeen({ lastSeen, profiles }),
    },
    { name: "expired-sessions", cron: NIGHTLY, handler: () => deleteExpiredSessions({ sessions, clock }) },
  ];
}

/** Times only grow, so a turn that is repeated after a crash changes nothing. */
async function writeBackLastSeen(deps: {
  lastSeen: LastSeen;
  profiles: Pick<ProfileStore, "setLastSeen">;
}): Promise<void> {
  orThrow(await deps.lastSeen.drain((entries) => deps.profiles.setLastSeen(entries)));
}

async function deleteExpiredSessions(deps: {
  sessions: Pick<SessionStore, "deleteExpired">;
  clock: Clock;
}): Promise<void> {
  orThrow(await deps.sessions.deleteExpired(deps.clock.now() - KEPT_AFTER_EXPIRY_MS));
}

/** A scheduled job says that it failed by throwing; then it is tried again. */
function orThrow(result: Result<unknown, AppError>): void {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`, { cause: result.error.cause });
}
