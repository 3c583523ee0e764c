import { readFileSync } from "node:fs";

/**
 * How long the main thread of a process was ready to run but no core was free for it. On a machine that product and load share, it
 * is the load's doing: on a machine of its own the process would have run. Linux counts it for every thread.
 */
export interface CoreWaits {
  /** Milliseconds of waiting between two times of `performance.now()`; never more than there is between them. */
  between(from: number, to: number): number;
  stop(): void;
}

/** Milliseconds waited since the thread began; null when it is gone. */
export type ReadWaited = () => number | null;

const EVERY_MS = 5;
const NS_PER_MS = 1_000_000;
/** Of the three numbers in `schedstat`: time on a core, time waiting for one, turns. */
const WAITED = 1;

export function watchCoreWaits(pid: number): CoreWaits {
  const waits = collectCoreWaits(() => waitedMsOf(pid));
  const timer = setInterval(() => waits.look(performance.now()), EVERY_MS);
  return {
    between: waits.between,
    stop() {
      clearInterval(timer);
      waits.look(performance.now());
    },
  };
}

/** Looks when told to; between two looks the wait counts as spread evenly. */
export function collectCoreWaits(read: ReadWaited): Pick<CoreWaits, "between"> & { look(now: number): void } {
  const times: number[] = [];
  const waited: number[] = [];

  /** What had been waited by then; before the first look and after the last nothing is known, and nothing counts. */
  function waitedBy(time: number): number {
    const after = firstAtOrAfter(times, time);
    const right = waited[after] ?? waited.at(-1) ?? 0;
    const left = waited[after - 1] ?? waited[0] ?? 0;
    const begins = times[after - 1];
    const ends = times[after];
    if (begins === undefined || ends === undefined) return right;
    return left + ((right - left) * (time - begins)) / (ends - begins);
  }

  return {
    look(now) {
      const value = read();
      if (value === null) return;
      times.push(now);
      waited.push(value);
    },
    between: (from, to) => Math.min(to - from, waitedBy(to) - waitedBy(from)),
  };
}

/** Index of the first of ascending values that is not smaller; their number where all are. */
function firstAtOrAfter(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function waitedMsOf(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[WAITED]) / NS_PER_MS;
  } catch {
    return null; // the process is gone
  }
}
