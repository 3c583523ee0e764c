import { userIdSchema, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, type Key } from "./client";
import { LAST_SEEN, LAST_SEEN_DRAINING } from "./presence";

export interface SeenEntry {
  readonly userId: UserId;
  readonly at: number;
}

export interface LastSeen {
  /**
   * Sets aside what has gathered and gives it to `write` in pages; returns how many entries were written. What a crash or
   * a failed write leaves comes again with the next call, so `write` must be idempotent (times only grow).
   */
  drain(write: (entries: readonly SeenEntry[]) => Outcome<void>): Outcome<number>;
}

/** Takes over what an earlier drain left, else what has gathered since. */
const SET_ASIDE = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 1 end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1`;

export function createLastSeen({ client, key }: { client: Redis; key: Key }): LastSeen {
  const draining = key(LAST_SEEN_DRAINING);
  return {
    drain: async (write) => {
      const setAside = await attempt("set last seen aside", () => client.eval(SET_ASIDE, 2, key(LAST_SEEN), draining));
      if (!setAside.ok) return setAside;
      if (setAside.value === 0) return ok(0);
      const written = await writePages(client, draining, write);
      if (!written.ok) return written;
      const deleted = await attempt("forget last seen", () => client.unlink(draining));
      return deleted.ok ? written : deleted;
    },
  };
}

async function writePages(
  client: Redis,
  draining: string,
  write: (entries: readonly SeenEntry[]) => Outcome<void>,
): Outcome<number> {
  let cursor = "0";
  let count = 0;
  // Ends: a scan comes back to 0 after a full round, and nobody adds to a hash that was set aside.
  do {
    const page = await attempt("read last seen", () => client.hscan(draining, cursor, "COUNT", LIMITS.sweepClaimsMax));
    if (!page.ok) return page;
    const [next, flat] = page.value;
    const entries = readEntries(flat);
    if (entries.length > 0) {
      const written = await write(entries);
      if (!written.ok) return written;
    }
    count += entries.length;
    cursor = next;
  } while (cursor !== "0");
  return ok(count);
}

function readEntries(flat: readonly string[]): SeenEntry[] {
  const entries: SeenEntry[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const userId = userIdSchema.safeParse(flat[index]);
    const at = Number(flat[index + 1]);
    if (userId.success && Number.isSafeInteger(at)) entries.push({ userId: userId.data, at });
  }
  return entries;
}
