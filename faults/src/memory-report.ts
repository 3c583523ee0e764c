import { groupBy } from "./group-by";

/** What one process held at one time. `t` counts in milliseconds from the beginning of the run. */
export interface MemorySample {
  t: number;
  name: string;
  /** Tells the lives of a process apart that was started again. */
  pid: number;
  residentBytes: number;
}

export interface MemoryFinding {
  name: string;
  /** Medians of the first and the last quarter of the run. */
  firstMb: number;
  lastMb: number;
  peakMb: number;
  /** MB at each full minute of age, life after life. */
  lives: readonly (readonly number[])[];
  /** MB a minute within its lives of 20 minutes and more, after each one's warm-up; null where none lived that long. */
  slope: number | null;
  isGrowing: boolean;
}

const BYTES_PER_MB = 1_048_576;
const MS_PER_MINUTE = 60_000;
/** Until then a young process fills caches and its heap takes its size, in steps of whole semi-spaces. */
const WARM_UP_MS = 8 * MS_PER_MINUTE;
/** A shorter life shows how a heap takes its size, not a trend; several of them together show it no better. */
const LIFE_MS_MIN = 20 * MS_PER_MINUTE;
/** 45 MB an hour: a process with 512 MB would last for less than half a day. */
const SLOPE_MAX = 0.75;
/** The larger of both may come on top between the first and the last quarter of a run. */
const GROWTH_MB_MAX = 96;
const GROWTH_SHARE_MAX = 0.6;

/** Judges each process: neither clearly larger at the end than at the beginning nor rising within its lives. */
export function judgeMemory(samples: readonly MemorySample[]): MemoryFinding[] {
  const endsAt = samples.reduce((latest, { t }) => Math.max(latest, t), 0);
  return [...groupBy(samples, ({ name }) => name)].map(([name, own]) => findingOf(name, own, endsAt));
}

function findingOf(name: string, samples: readonly MemorySample[], endsAt: number): MemoryFinding {
  const quarter = endsAt / 4;
  const firstMb = medianMb(samples.filter(({ t }) => t <= quarter));
  const lastMb = medianMb(samples.filter(({ t }) => t >= endsAt - quarter));
  const lives = [...groupBy(samples, ({ pid }) => pid).values()];
  const slope = slopeWithin(lives);
  const isLarger = lastMb - firstMb > Math.max(GROWTH_MB_MAX, firstMb * GROWTH_SHARE_MAX);
  return {
    name,
    firstMb,
    lastMb,
    peakMb: Math.max(...samples.map(({ residentBytes }) => residentBytes)) / BYTES_PER_MB,
    lives: lives.map(agesOf),
    slope,
    isGrowing: isLarger || (slope !== null && slope > SLOPE_MAX),
  };
}

function medianMb(samples: readonly MemorySample[]): number {
  const sorted = samples.map(({ residentBytes }) => residentBytes).toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? 0) / BYTES_PER_MB;
}

function agesOf(life: readonly MemorySample[]): number[] {
  const bornAt = life[0]?.t ?? 0;
  const minutes = groupBy(life, ({ t }) => Math.floor((t - bornAt) / MS_PER_MINUTE));
  return [...minutes.values()].map(medianMb);
}

/** Least squares with one level per life: a restart is no fall, and a young life is no rise. */
function slopeWithin(lives: readonly (readonly MemorySample[])[]): number | null {
  let covariance = 0;
  let variance = 0;
  for (const life of lives) {
    const bornAt = life[0]?.t ?? 0;
    if ((life.at(-1)?.t ?? bornAt) - bornAt < LIFE_MS_MIN) continue;
    const grown = life.filter(({ t }) => t - bornAt >= WARM_UP_MS);
    const meanT = mean(grown.map(({ t }) => t));
    const meanBytes = mean(grown.map(({ residentBytes }) => residentBytes));
    for (const { t, residentBytes } of grown) {
      covariance += (t - meanT) * (residentBytes - meanBytes);
      variance += (t - meanT) ** 2;
    }
  }
  if (variance === 0) return null;
  return ((covariance / variance) * MS_PER_MINUTE) / BYTES_PER_MB;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** One line per process, for the report of a run; lives that were watched for a trend follow minute by minute. */
export function describeMemory(findings: readonly MemoryFinding[]): string[] {
  return findings.flatMap(({ name, firstMb, lastMb, peakMb, lives, slope }) => {
    const trend = slope === null ? "lived too short for a trend" : `${slope >= 0 ? "+" : ""}${slope.toFixed(2)} MB/min`;
    const summary = `${name}: first quarter ${firstMb.toFixed(0)} MB, last ${lastMb.toFixed(0)} MB, peak ${peakMb.toFixed(0)} MB, ${trend}, lives ${lives.length}`;
    if (slope === null) return [summary];
    return [summary, ...lives.map((minutes) => `  by minute: ${minutes.map((mb) => mb.toFixed(0)).join(" ")}`)];
  });
}
