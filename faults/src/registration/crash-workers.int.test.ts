import { afterAll, beforeAll, expect, it } from "vitest";
import { CRASH_POINTS } from "./crash-points";
import { liveThroughCrash, type Crash } from "./crash-story";
import { openHouse, type House } from "./house";
import { SCALE, TEST_MS } from "./scale";

const CRASHES: readonly Crash[] = (["email-verification", "profiles"] as const).flatMap((process) =>
  CRASH_POINTS[process].map((point) => ({ process, point })),
);

let house: House;
beforeAll(async () => {
  house = await openHouse(1);
}, TEST_MS);
afterAll(() => house.close(), TEST_MS);

it.each(CRASHES)(
  `P12: $process killed at $point, ${SCALE.crashes} times, leaves one account with one profile each time`,
  async (crash) => {
    for (let time = 0; time < SCALE.crashes; time += 1) await liveThroughCrash(house, crash);
    expect(await house.database.raw.collection("users").countDocuments({ pendingProfile: { $exists: true } })).toBe(0);
  },
  TEST_MS,
);
