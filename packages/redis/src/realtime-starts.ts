import { LIMITS } from "@ashchat/contracts/limits";
import type { Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, type Key } from "./client";

/**
 * When a realtime process began to take connections, the last that did. A device that polls because it lost its connection hears
 * it with the answer, and tries again at once instead of waiting out its backoff.
 */
export interface RealtimeStarts {
  /** `at` in milliseconds since the epoch. */
  note(at: number): Outcome<void>;
  /** Null where none has begun lately, or nobody knows. */
  last(): Outcome<number | null>;
}

export function createRealtimeStarts({ client, key }: { client: Redis; key: Key }): RealtimeStarts {
  const startKey = key("realtime-start");
  return {
    note: (at) =>
      attempt("note a start", async () => void (await client.set(startKey, at, "PX", LIMITS.realtimeStartTtlMs))),
    last: () =>
      attempt("read the last start", async () => {
        const stored = await client.get(startKey);
        const at = Number(stored);
        return stored !== null && Number.isSafeInteger(at) ? at : null;
      }),
  };
}
