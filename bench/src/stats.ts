/** The value below which `share` (0–1) of `values` lie; 0 for none. Sorts a copy. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median, smallest and largest: machines are noisy, so a ratio without its spread says nothing. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Ratios of pairs taken in the same round; both lists are in the order of the rounds. */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): Spread {
  const ratios = ours.flatMap((value, round) => {
    const other = theirs[round];
    return other === undefined || other === 0 ? [] : [value / other];
  });
  return spreadOf(ratios);
}

/** Differences of pairs taken in the same round, ours minus theirs. */
export function differencesOf(ours: readonly number[], theirs: readonly number[]): Spread {
  return spreadOf(ours.map((value, round) => value - (theirs[round] ?? 0)));
}

/** `median (smallest–largest)`. */
export function spreadText({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
