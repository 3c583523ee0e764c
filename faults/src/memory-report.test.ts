import { describe, expect, it } from "vitest";
import { judgeMemory, type MemorySample } from "./memory-report";

const MB = 1_048_576;
const MINUTE_MS = 60_000;
const EVERY_MS = 5_000;

/** One process over an hour, killed every `lifeMinutes`; `mbAt` is what it holds `minutes` after it was started. */
function hourOf(lifeMinutes: number, mbAt: (minutes: number, life: number) => number): MemorySample[] {
  return Array.from({ length: (60 * MINUTE_MS) / EVERY_MS }, (_, index) => {
    const t = index * EVERY_MS;
    const life = Math.floor(t / (lifeMinutes * MINUTE_MS));
    const minutes = t / MINUTE_MS - life * lifeMinutes;
    return { t, name: "realtime", pid: 1_000 + life, residentBytes: mbAt(minutes, life) * MB };
  });
}

/** The saw of a heap that is collected now and then. */
const saw = (minutes: number) => 12 * ((minutes * 1.7) % 1);
const warmUp = (minutes: number) => 80 * Math.min(1, minutes / 3);

describe("the judge of memory", () => {
  it("passes a process that warms up and then stays level, however often it is started again", () => {
    for (const lifeMinutes of [60, 30]) {
      const [finding] = judgeMemory(hourOf(lifeMinutes, (minutes) => 90 + warmUp(minutes) + saw(minutes)));
      expect(finding?.isGrowing).toBe(false);
      expect(finding?.lives.map(({ length }) => length)).toEqual(Array(60 / lifeMinutes).fill(lifeMinutes));
      expect(Math.abs(finding?.slope ?? Infinity)).toBeLessThan(0.3);
    }
  });

  it("finds a leak of a megabyte a minute, also where restarts hide it from the first and last quarter", () => {
    for (const lifeMinutes of [60, 30]) {
      const leaking = hourOf(lifeMinutes, (minutes) => 90 + warmUp(minutes) + saw(minutes) + minutes);
      expect(judgeMemory(leaking)).toMatchObject([{ isGrowing: true }]);
    }
  });

  it("judges no trend of lives that end while their heap still takes its size, and that of a longer one among them", () => {
    const young = hourOf(10, (minutes) => 90 + 4 * minutes);
    expect(judgeMemory(young)).toMatchObject([{ isGrowing: false, slope: null }]);
    const mixed = hourOf(60, (minutes) => 90 + minutes).map((sample) =>
      sample.t < 20 * MINUTE_MS ? { ...sample, pid: 7 + Math.floor(sample.t / (5 * MINUTE_MS)) } : sample,
    );
    expect(judgeMemory(mixed)[0]?.slope).toBeCloseTo(1, 1);
  });

  it("finds a process that ends much larger than it began, also in a run too short for a trend", () => {
    const short = hourOf(60, (minutes) => 90 + 60 * minutes).filter(({ t }) => t < 5 * MINUTE_MS);
    expect(judgeMemory(short)).toMatchObject([{ isGrowing: true, slope: null }]);
  });
});
