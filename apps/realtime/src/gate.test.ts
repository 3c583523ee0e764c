import { describe, expect, it } from "vitest";
import { createGate } from "./gate";

describe("gate", () => {
  it("never lets more than its number in, takes the others in order, and goes on after a failure", async () => {
    const gate = createGate(3);
    const finished: number[] = [];
    let inside = 0;
    let most = 0;
    const task = async (index: number): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
      finished.push(index);
      if (index === 4) throw new Error("failed");
    };
    const indexes = Array.from({ length: 20 }, (_, index) => index);
    const results = await Promise.allSettled(indexes.map((index) => gate.run(() => task(index))));
    expect(most).toBe(3);
    expect(finished).toEqual(indexes);
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });
});
