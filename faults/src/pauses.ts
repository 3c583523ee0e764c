import type { HistoryRecord } from "./history";

/** How long people waited for their acknowledgements, and when nobody got any. All in milliseconds. */
export interface Pauses {
  waitP50: number;
  waitP99: number;
  waitMax: number;
  /** Times without any acknowledgement, longer than `SILENCE_MS`. */
  silences: number;
  longestSilence: number;
  silentTotal: number;
}

/** At ten messages a second ten of them in a row are missing. */
const SILENCE_MS = 1_000;

/** Of every message the first acknowledgement counts, from when the person sent it. */
export function measurePauses(records: readonly HistoryRecord[]): Pauses {
  const sentAt = new Map<string, number>();
  const waits: number[] = [];
  const gaps: number[] = [];
  let last: number | null = null;
  for (const record of records) {
    if (record.kind !== "send") continue;
    if (record.result === "invoke") sentAt.set(record.clientId, record.t);
    const began = sentAt.get(record.clientId);
    if (record.result !== "ok" || began === undefined) continue;
    sentAt.delete(record.clientId);
    waits.push(record.t - began);
    if (last !== null) gaps.push(record.t - last);
    last = record.t;
  }
  const silences = gaps.filter((gap) => gap > SILENCE_MS);
  const sorted = waits.toSorted((a, b) => a - b);
  return {
    waitP50: percentile(sorted, 0.5),
    waitP99: percentile(sorted, 0.99),
    waitMax: sorted.at(-1) ?? 0,
    silences: silences.length,
    longestSilence: Math.max(0, ...silences),
    silentTotal: silences.reduce((sum, gap) => sum + gap, 0),
  };
}

/** Of ascending values; 0 where there are none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
