import { afterAll, beforeAll, expect, it } from "vitest";
import { CRASH_POINTS } from "./crash-points";
import { liveThroughCrash } from "./crash-story";
import { openHouse, type House } from "./house";
import { SCALE, TEST_MS } from "./scale";

let house: House;
beforeAll(async () => {
  house = await openHouse(0);
}, TEST_MS);
afterAll(() => house.close(), TEST_MS);

it.each(CRASH_POINTS.web)(
  `P12: web killed at %s, ${SCALE.crashes} times, leaves one account with one profile each time`,
  async (point) => {
    for (let time = 0; time < SCALE.crashes; time += 1) await liveThroughCrash(house, { process: "web", point });
    expect(await house.database.raw.collection("users").countDocuments({ pendingProfile: { $exists: true } })).toBe(0);
  },
  TEST_MS,
);
