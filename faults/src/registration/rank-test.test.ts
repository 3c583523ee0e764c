import { seededRandom } from "@ashchat/visitor/random";
import { describe, expect, test } from "vitest";
import { mannWhitney } from "./rank-test";

function sample(seed: number, shift = 0): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 200 }, () => random() + random() + random() + shift);
}

describe("the rank test", () => {
  test("agrees with a case worked out by hand", () => {
    // Ranks of the second: 3, 5, 6, so U = 14 - 6 = 8 of 9.
    const { effect, p } = mannWhitney([1, 2, 4], [3, 5, 6]);
    expect(effect).toBeCloseTo(8 / 9, 10);
    // z = (3.5 - 0.5) / sqrt(9 * 7 / 12) = 1.309
    expect(p).toBeCloseTo(0.1904, 3);
  });

  test("finds samples of one distribution alike, and all ties as well", () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(mannWhitney(sample(seed), sample(seed + 100)).p).toBeGreaterThan(0.001);
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toEqual({ effect: 0.5, p: 1 });
  });

  test("notices a shift of a third of the spread, in either direction", () => {
    for (const shift of [0.25, -0.25]) {
      const { effect, p } = mannWhitney(sample(1), sample(2, shift));
      expect(p).toBeLessThan(0.001);
      expect(Math.abs(effect - 0.5)).toBeGreaterThan(0.1);
    }
  });
});
