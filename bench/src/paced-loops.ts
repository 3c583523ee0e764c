import { quantile } from "./stats";

/** What one round of calls showed. */
export interface LoopRound {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

interface LoopOptions {
  once(): Promise<unknown>;
  measureMs: number;
}

/** Calls before the measuring begins, so that the code is compiled. */
const WARM_UP_CALLS = 2_000;
const WARM_UP_IN_FLIGHT = 16;

/** Keeps `inFlight` calls under way: what can be done at most. */
export async function inClosedLoop({
  once,
  measureMs,
  inFlight,
}: LoopOptions & { inFlight: number }): Promise<LoopRound> {
  await warmUp(once, measureMs);
  const beganAt = performance.now();
  const until = beganAt + measureMs;
  const latencies: number[] = [];
  await inLanes(inFlight, async () => {
    const startedAt = performance.now();
    if (startedAt >= until) return false;
    await once();
    latencies.push(performance.now() - startedAt);
    return true;
  });
  return roundOf(latencies, performance.now() - beganAt);
}

/** Starts calls at a fixed rate whether or not the last has ended: what one of them takes while there is room. */
export async function inOpenLoop({
  once,
  measureMs,
  perSecond,
}: LoopOptions & { perSecond: number }): Promise<LoopRound> {
  await warmUp(once, measureMs);
  const gapMs = 1_000 / perSecond;
  const beganAt = performance.now();
  const latencies: number[] = [];
  const underWay: Promise<void>[] = [];
  for (let dueAt = beganAt; dueAt < beganAt + measureMs; dueAt += gapMs) {
    while (performance.now() < dueAt) await nextTurn();
    // From when it was due, so that a late start counts.
    underWay.push(once().then(() => void latencies.push(performance.now() - dueAt)));
  }
  await Promise.all(underWay);
  return roundOf(latencies, performance.now() - beganAt);
}

/** As long as the measuring at most. */
async function warmUp(once: LoopOptions["once"], measureMs: number): Promise<void> {
  const until = performance.now() + measureMs;
  let left = WARM_UP_CALLS;
  await inLanes(WARM_UP_IN_FLIGHT, async () => {
    if (left <= 0 || performance.now() >= until) return false;
    left -= 1;
    await once();
    return true;
  });
}

/** So many at a time, until each has said that it was the last. */
async function inLanes(count: number, goOn: () => Promise<boolean>): Promise<void> {
  const lane = async () => {
    while (await goOn()) continue;
  };
  await Promise.all(Array.from({ length: count }, lane));
}

function roundOf(latencies: readonly number[], tookMs: number): LoopRound {
  return {
    perSecond: (latencies.length * 1_000) / tookMs,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
