import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "./backoff";

test("a wait lies in the upper half of its step, steps double up to the bound", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, firstMs, maxMs, chance) => {
        const step = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
        const wait = backoffMs(attempt, { firstMs, maxMs, random: () => chance });
        expect(wait).toBeGreaterThanOrEqual(Math.floor(step / 2));
        expect(wait).toBeLessThanOrEqual(Math.ceil(step));
      },
    ),
  );
});

test.each([
  [0, 100],
  [1, 100],
  [2, 200],
  [3, 400],
  [4, 500],
  [1_000, 500],
])("attempt %i waits at most %i ms", (attempt, atMost) => {
  expect(backoffMs(attempt, { firstMs: 100, maxMs: 500, random: () => 1 })).toBe(atMost);
});
