export interface Backoff {
  firstMs: number;
  maxMs: number;
  /** In [0, 1). */
  random: () => number;
}

/**
 * Milliseconds to wait before attempt `attempt` + 1 (attempts count from 1): doubling from `firstMs` up to `maxMs`, the upper half
 * of each step by chance, so that those who failed together do not come back together.
 */
export function backoffMs(attempt: number, backoff: Backoff): number {
  const doublings = Math.max(0, attempt - 1);
  const stepMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** doublings);
  return Math.round(stepMs / 2 + (backoff.random() * stepMs) / 2);
}
