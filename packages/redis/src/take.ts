import { ok } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import type { LimitName } from "./limits";

/** Counts one use against a limit; `rate_limited` where it was one too many. */
export type Take = (name: LimitName, subject: string) => Outcome<void>;
export type Wanted = readonly [LimitName, string];

/** In order; the first refusal ends it, so that what is refused by one network uses up nobody's account. */
export async function takeAll(take: Take, wanted: readonly Wanted[]): Outcome<void> {
  for (const [name, subject] of wanted) {
    const taken = await take(name, subject);
    if (!taken.ok) return taken;
  }
  return ok(undefined);
}
