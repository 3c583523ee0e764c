import type { Clock } from "../environment";

/** Real turns of the event loop that IndexedDB and promises need to come to rest between two timers. */
const TURNS = 12;
const DEADLINE_MS = 5_000;

export interface FakeClock extends Clock {
  /** Time passes; timers fire in order, and what they start comes to rest before the next. */
  advance(ms: number): Promise<void>;
}

export function createFakeClock(startAt = 1_700_000_000_000): FakeClock {
  let now = startAt;
  let nextId = 0;
  const timers = new Map<number, { at: number; run: () => void }>();

  function due(until: number): [number, { at: number; run: () => void }] | undefined {
    return [...timers].filter(([, timer]) => timer.at <= until).toSorted(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  }

  return {
    now: () => now,
    random: () => 0.5,
    after(ms, run) {
      nextId += 1;
      const id = nextId;
      timers.set(id, { at: now + ms, run });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const until = now + ms;
      await atRest();
      for (let next = due(until); next !== undefined; next = due(until)) {
        const [id, timer] = next;
        timers.delete(id);
        now = Math.max(now, timer.at);
        timer.run();
        await atRest();
      }
      now = until;
      await atRest();
    },
  };
}

/** Everything that needs no time to pass has happened. */
export async function atRest(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for real work (IndexedDB) until `condition` holds. */
export async function until(condition: () => boolean, what = "the condition"): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come true in ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
