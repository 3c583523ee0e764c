import { randomUUID } from "node:crypto";
import type { Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, repliesOf, type Key } from "./client";

/** Bytes that may be forgotten, and doing a thing once for all processes. Keys are the caller's: hashes, never texts. */
export interface Cache {
  /** In the order of the keys; null where nothing is kept. */
  getMany(keys: readonly string[]): Outcome<(Buffer | null)[]>;
  setMany(entries: readonly { readonly key: string; readonly value: Buffer | string }[], ttlMs: number): Outcome<void>;
  /**
   * For what was just looked for in vain: of all callers of one key one makes it while the others wait and `read` again. Who
   * waited for `waitMs` in vain, or finds Redis away, works as well: the lock saves work, it guards nothing.
   */
  singleFlight<Value>(flight: SingleFlight<Value>): Promise<Value>;
}

export interface SingleFlight<Value> {
  readonly key: string;
  /** The lock's time to live: longer than `work` takes. */
  readonly lockMs: number;
  readonly waitMs: number;
  /** Null: not made yet. */
  readonly read: () => Promise<Value | null>;
  readonly work: () => Promise<Value>;
}

const POLL_MS = 25;
const KEYS_PER_CALL_MAX = 500;

const UNLOCK = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

export function createCache({ client, key }: { client: Redis; key: Key }): Cache {
  return {
    getMany: (keys) =>
      attempt("read cache", async () => {
        const values: (Buffer | null)[] = [];
        for (let from = 0; from < keys.length; from += KEYS_PER_CALL_MAX) {
          const part = keys.slice(from, from + KEYS_PER_CALL_MAX).map((name) => key("cache", name));
          values.push(...(await client.mgetBuffer(...part)));
        }
        return values;
      }),
    setMany: (entries, ttlMs) =>
      attempt("write cache", async () => {
        for (let from = 0; from < entries.length; from += KEYS_PER_CALL_MAX) {
          const pipeline = client.pipeline();
          for (const { key: name, value } of entries.slice(from, from + KEYS_PER_CALL_MAX)) {
            pipeline.set(key("cache", name), value, "PX", ttlMs);
          }
          repliesOf(await pipeline.exec());
        }
      }),
    singleFlight: (flight) => fly(client, key("lock", flight.key), flight),
  };
}

/** Whoever comes here has looked in vain just now, so the lock is tried first; who waits for it looks again after each pause. */
async function fly<Value>(client: Redis, lock: string, flight: SingleFlight<Value>): Promise<Value> {
  const until = Date.now() + flight.waitMs;
  const owner = randomUUID();
  while (Date.now() < until) {
    const taken = await attempt("take lock", () => client.set(lock, owner, "PX", flight.lockMs, "NX"));
    if (!taken.ok) break;
    if (taken.value === "OK") return readOrWork(client, { lock, owner }, flight);
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
    const made = await flight.read();
    if (made !== null) return made;
  }
  return (await flight.read()) ?? flight.work();
}

/** Read once more under the lock: it may have become free because the work was done since the last look. */
async function readOrWork<Value>(
  client: Redis,
  { lock, owner }: { lock: string; owner: string },
  { read, work }: SingleFlight<Value>,
): Promise<Value> {
  try {
    return (await read()) ?? (await work());
  } finally {
    // Nobody waits for it: never rejects, and where it fails the lock ends by itself.
    void attempt("release lock", () => client.eval(UNLOCK, 1, lock, owner));
  }
}
