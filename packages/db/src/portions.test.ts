import { describe, expect, test } from "vitest";
import { inPortions, mapSideBySide } from "./portions";

describe("portions", () => {
  test.each([
    ["nothing", [], 2, []],
    ["less than one", [1], 2, [[1]]],
    [
      "exactly two",
      [1, 2, 3, 4],
      2,
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["a rest", [1, 2, 3], 2, [[1, 2], [3]]],
  ])("of %s", (_name, values, size, portions) => {
    expect([...inPortions(values, size)]).toEqual(portions);
  });

  test("work side by side keeps the order and never exceeds its width", async () => {
    let running = 0;
    let widest = 0;
    const made = await mapSideBySide([5, 1, 4, 2, 3], 2, async (value) => {
      running += 1;
      widest = Math.max(widest, running);
      for (let wait = 0; wait < value; wait += 1) await Promise.resolve();
      running -= 1;
      return value * 10;
    });
    expect([made, widest]).toEqual([[50, 10, 40, 20, 30], 2]);
  });
});
