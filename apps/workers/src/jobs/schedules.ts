import type { AppError } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";
import type { Clock, ProfileStore, SessionStore } from "@ashchat/core/ports";
import type { LastSeen } from "@ashchat/redis/last-seen";

/** An expired session is of no use, but its owner may still wonder about it: it stays this long. */
const KEPT_AFTER_EXPIRY_MS = 24 * 3_600_000;

/** Times only grow, so a turn that is repeated after a crash changes nothing. */
export async function writeBackLastSeen(deps: {
  lastSeen: LastSeen;
  profiles: Pick<ProfileStore, "setLastSeen">;
}): Promise<void> {
  orThrow(await deps.lastSeen.drain((entries) => deps.profiles.setLastSeen(entries)));
}

export async function deleteExpiredSessions(deps: {
  sessions: Pick<SessionStore, "deleteExpired">;
  clock: Clock;
}): Promise<void> {
  orThrow(await deps.sessions.deleteExpired(deps.clock.now() - KEPT_AFTER_EXPIRY_MS));
}

/** A scheduled job says that it failed by throwing; then it is tried again. */
function orThrow(result: Result<unknown, AppError>): void {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`, { cause: result.error.cause });
}
