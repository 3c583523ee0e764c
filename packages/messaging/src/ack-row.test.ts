import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAckRow } from "./ack-row";

describe("the ack row", () => {
  it("acknowledges in one step only up to the last of an unbroken row, the others one by one", () => {
    const row = createAckRow();
    for (const tag of [1, 2, 3, 4, 5]) row.arrived(tag);
    for (const tag of [2, 1, 4]) row.finished(tag);
    expect(row.take()).toEqual({ allUpTo: 2, single: [4] });
    for (const tag of [5, 3]) row.finished(tag);
    expect(row.take()).toEqual({ allUpTo: 5, single: [] });
    expect(row.take()).toEqual({ allUpTo: null, single: [] });
  });

  it("never acknowledges what was given back", () => {
    const row = createAckRow();
    for (const tag of [1, 2, 3]) row.arrived(tag);
    row.returned(1);
    row.finished(1);
    row.finished(3);
    expect(row.take()).toEqual({ allUpTo: null, single: [3] });
  });

  it("covers every finished delivery exactly once and no unfinished one, in any order", () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 20 }, (_, index) => index + 1),
      { minLength: 0 },
    );
    fc.assert(
      fc.property(order, fc.integer({ min: 1, max: 5 }), (finishing, every) => {
        const row = createAckRow();
        const onBroker = new Set(Array.from({ length: 20 }, (_, index) => index + 1));
        for (const tag of onBroker) row.arrived(tag);
        const finished = new Set<number>();
        const acknowledge = () => {
          const { allUpTo, single } = row.take();
          const covered = [...onBroker].filter((tag) => (allUpTo !== null && tag <= allUpTo) || single.includes(tag));
          for (const tag of covered) {
            expect(finished.has(tag)).toBe(true);
            onBroker.delete(tag);
          }
        };
        for (const [index, tag] of finishing.entries()) {
          row.finished(tag);
          finished.add(tag);
          if (index % every === 0) acknowledge();
        }
        acknowledge();
        expect(onBroker.size).toBe(20 - finishing.length);
        expect(row.outstanding()).toBe(20 - finishing.length);
      }),
    );
  });
});
