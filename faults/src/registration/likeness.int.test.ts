import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHouse, type House } from "./house";
import { askPairs, looksOf, SURFACES, type Pair, type Surface } from "./likeness";
import { mannWhitney, median } from "./rank-test";
import { note } from "./report";
import { IS_FULL, SCALE, TEST_MS } from "./scale";

/** A difference counts where chance makes it less than once in a thousand runs and one answer is the slower in over 60 %. */
const P_MAX = 0.001;
const EFFECT_MAX = 0.1;
/** Few pairs on a busy machine show only what is missing altogether, such as the hash. */
const COARSE_RATIO_MAX = 3;

let house: House;
let pairs: Record<Surface, Pair[]>;
beforeAll(async () => {
  house = await openHouse(4);
  pairs = await askPairs(house, SCALE.pairs);
}, TEST_MS);
afterAll(() => house.close(), TEST_MS);

describe.each(SURFACES)(`${SCALE.pairs} pairs of known and unknown addresses at %s`, (surface) => {
  it("are answered alike in status, headers and body", () => {
    for (const { known, unknown } of pairs[surface]) expect(looksOf(known)).toEqual(looksOf(unknown));
    expect(new Set(pairs[surface].map(({ known }) => known.status))).toHaveLength(1);
  });

  it("are answered alike in time", () => {
    const known = pairs[surface].map((pair) => pair.known.ms);
    const unknown = pairs[surface].map((pair) => pair.unknown.ms);
    const { effect, p } = mannWhitney(known, unknown);
    const medians = [median(known), median(unknown)] as const;
    note(
      `${surface}: medians ${medians.map((ms) => ms.toFixed(1)).join(" and ")} ms, effect ${effect.toFixed(3)}, p ${p.toFixed(3)}`,
    );
    if (IS_FULL) expect(p < P_MAX && Math.abs(effect - 0.5) > EFFECT_MAX).toBe(false);
    else expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(COARSE_RATIO_MAX);
  });
});
