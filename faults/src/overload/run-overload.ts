import { seededRandom } from "@ashchat/visitor/random";
import { openDatabase } from "../run/database";
import { seatCrowd } from "./crowd";
import { openHouse, type HouseOptions } from "./house";
import { runOverload, type OverloadPlan } from "./knee";
import { createLedger } from "./ledger";
import { judgeStored } from "./read-back";
import type { Finding, Scene } from "./scene";
import { runStoppedClients, type StoppedPlan } from "./stopped-clients";
import { runStorm, type StormPlan } from "./storm";

/** The three tests of P11 and P4 under load, in full and for every day. */
export interface LoadPlan {
  house: HouseOptions;
  overload: OverloadPlan;
  stopped: StoppedPlan;
  storm: StormPlan;
}

const rooms = (count: number, size: number) => Array.from({ length: count }, () => size);

export const FULL_PLAN: LoadPlan = {
  house: {
    people: 250,
    roomSizes: [...rooms(80, 2), ...rooms(20, 5), ...rooms(10, 10), ...rooms(2, 50), 200],
    everyOther: 5,
  },
  overload: {
    firstRate: 50,
    stepFactor: 1.5,
    stepMs: 5_000,
    stepsMax: 12,
    overloadFactor: 3,
    overloadMs: 30_000,
    refusedMsMax: 50,
  },
  stopped: { stopped: 20, readers: 40, ratePerSecond: 25, padding: 3_800, beforeMs: 10_000, untilCutMs: 180_000 },
  storm: { clients: 500, roomSizes: [200, ...rooms(10, 50), ...rooms(60, 5)], messages: 200, downMs: 3_000 },
};

/** The same with fewer people: whether the promises hold, not where the limit is. */
export const SHORT_PLAN: LoadPlan = {
  house: { people: 60, roomSizes: [...rooms(20, 2), ...rooms(8, 5), ...rooms(2, 10), 60], everyOther: 0 },
  overload: {
    firstRate: 400,
    stepFactor: 1,
    stepMs: 0,
    stepsMax: 0,
    overloadFactor: 3,
    overloadMs: 3_000,
    refusedMsMax: null,
  },
  stopped: { stopped: 3, readers: 6, ratePerSecond: 25, padding: 3_800, beforeMs: 1_000, untilCutMs: 60_000 },
  storm: { clients: 24, roomSizes: [24, ...rooms(2, 8), ...rooms(4, 4)], messages: 20, downMs: 1_000 },
};

export const SCENARIOS = ["stopped", "storm", "knee"] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export async function runScenario(
  name: ScenarioName,
  options: { scene: Scene; plan: LoadPlan; seed: number },
): Promise<Finding[]> {
  const { scene, plan, seed } = options;
  switch (name) {
    case "stopped":
      return runStoppedClients(scene, plan.stopped, seededRandom(seed));
    case "storm":
      return runStorm(scene, plan.storm, seed);
    case "knee":
      return runKnee(scene, plan, seed);
  }
}

async function runKnee(scene: Scene, plan: LoadPlan, seed: number): Promise<Finding[]> {
  const house = await openHouse(scene, plan.house);
  const ledger = createLedger(() => performance.now());
  const crowd = await seatCrowd(scene, house, ledger);
  scene.log(`${crowd.seats.length} people in ${house.rooms.length} rooms`);
  const findings = await runOverload(scene, { crowd, house, ledger, random: seededRandom(seed) }, plan.overload);
  const database = await openDatabase(scene.databaseUrl);
  const own = new Set(house.rooms.map(({ roomId }) => roomId));
  const stored = (await database.stored()).filter(({ roomId }) => own.has(roomId));
  findings.push(...judgeStored(stored, ledger.sends, crowd));
  crowd.close();
  await database.close();
  await house.close();
  return findings;
}
