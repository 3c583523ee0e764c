import { setTimeout as pause } from "node:timers/promises";
import type { Me } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import { me, type MeDeps } from "@ashchat/core/account/profile";
import type { Clock, Outcome, SessionCaller } from "@ashchat/core/ports";

/**
 * The caller as they see themselves. Right after sign-up the profile is still being made by another process: waits for it
 * a little, then answers `unavailable`, to be asked again.
 */
export async function readMe(deps: MeDeps & { clock: Clock }, caller: SessionCaller): Outcome<Me> {
  const until = deps.clock.now() + LIMITS.profileWaitMs;
  for (;;) {
    const found = await me(deps, caller);
    const isOnItsWay = !found.ok && found.error.code === "unavailable" && found.error.retryAfterMs !== undefined;
    if (!isOnItsWay || deps.clock.now() >= until) return found;
    await pause(LIMITS.profilePollMs);
  }
}
