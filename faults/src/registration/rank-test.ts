/** Whether two samples come from one distribution, by their ranks: no assumption about how times are spread. */
export interface RankTest {
  /** The chance that a value of the second sample is larger than one of the first, ties halved (Vargha and Delaney's A). */
  readonly effect: number;
  /** Two-sided, by the normal approximation with correction for ties; good from about 20 values each. */
  readonly p: number;
}

export function mannWhitney(first: readonly number[], second: readonly number[]): RankTest {
  const all = [...first.map((value) => ({ value, from: 1 })), ...second.map((value) => ({ value, from: 2 }))];
  all.sort((left, right) => left.value - right.value);
  let rankSumOfSecond = 0;
  let tieTerm = 0;
  for (let begin = 0; begin < all.length;) {
    let end = begin;
    while (end < all.length && all[end]?.value === all[begin]?.value) end += 1;
    const ties = end - begin;
    const rank = (begin + 1 + end) / 2;
    rankSumOfSecond += rank * all.slice(begin, end).filter(({ from }) => from === 2).length;
    tieTerm += ties ** 3 - ties;
    begin = end;
  }
  const [n, m, size] = [first.length, second.length, all.length];
  const u = rankSumOfSecond - (m * (m + 1)) / 2;
  const variance = ((n * m) / 12) * (size + 1 - tieTerm / (size * (size - 1)));
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { effect: u / (n * m), p: variance === 0 ? 1 : 2 * upperTail(distance / Math.sqrt(variance)) };
}

/** Of the standard normal distribution; Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const sum =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
