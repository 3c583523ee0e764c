import type { RoomId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBystanders } from "../house/bystanders";
import { figureOf } from "../house/figures";
import { watchMemory } from "../house/memory";
import { openHouse, type OpenHouse } from "../house/open-house";
import { watchProcesses } from "../probe/watch-processes";
import { cases } from "../profile";
import { tell } from "../tell";
import { attackFrames, CASES_PER_SIGNED_IN_SOCKET, type AttackReport, type Preamble } from "./attack";
import { FAMILY_COUNT, wireFrame } from "./cases";
import { UPGRADE_FAMILY_COUNT } from "./upgrade-cases";

/** Printed by a failure; the same seed gives the same bytes. */
const SEED = 20_260_401;
const BEFORE_THE_TICKET = cases({ short: 2_000, full: 150_000 });
const SIGNED_IN = cases({ short: 300, full: 50_000 });
const BYSTANDER_PAIRS = 3;
/** Beyond what messages take meanwhile at a process that is not attacked, on the same machine and database. */
const DISTURBANCE_MAX_MS = 1_000;
/** Many, so that the bound of frames a person may send hides nothing. */
const ATTACKERS = cases({ short: 10, full: 150 });
/** A warm process may breathe by this much while garbage waits; 200,000 leaks of 1 KiB would be 195. */
const GROWTH_MAX_MIB = 64;
/** Of what is in use after a collection: no garbage hides in it, so 2,000 leaks of 10 KiB show. */
const ALIVE_GROWTH_MAX_MIB = 16;
/** A closing handshake that nobody answers ends after two seconds. */
const SOCKETS_GONE_MS = 20_000;

let house: OpenHouse;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

it("hostile bytes before the ticket disturb nobody, end no process, pollute nothing and leave its memory flat", async () => {
  const report = await disturb(() => attackFrames({ ...target(), cases: BEFORE_THE_TICKET, seed: SEED, parallel: 48 }));
  expect(report).toMatchObject({ written: BEFORE_THE_TICKET, refused: 0, hung: 0 });
  expect(report.names.size).toBe(FAMILY_COUNT + UPGRADE_FAMILY_COUNT);
});

it("hostile bytes of people who are signed in disturb nobody, end no process, pollute nothing and leave its memory flat", async () => {
  const attackers = await house.people(ATTACKERS);
  const rooms: RoomId[] = [];
  for (const { userId } of attackers) rooms.push(await house.group(userId));
  let turn = 0;
  const preamble = async (): Promise<Preamble> => {
    turn = (turn + 1) % ATTACKERS;
    const [attacker, roomId] = [attackers[turn], rooms[turn]];
    if (attacker === undefined || roomId === undefined) throw new Error("no such attacker");
    const auth = JSON.stringify({ t: "auth", v: PROTOCOL_VERSION, ticket: await house.ticket(attacker) });
    return { bytes: wireFrame({ opcode: 1, payload: Buffer.from(auth) }), roomId };
  };
  const before = await framesIn();
  const report = await disturb(() =>
    attackFrames({ ...target(), cases: SIGNED_IN, seed: SEED + 1, parallel: 12, preamble }),
  );
  // An attack that is refused at the door proves nothing of what lies behind: frames came as far as to be judged.
  const after = await framesIn();
  tell(
    `frames that were taken in: ${after.auth - before.auth} tickets, ${after.malformed - before.malformed} malformed`,
  );
  expect(after.auth - before.auth).toBeGreaterThanOrEqual(Math.floor(SIGNED_IN / CASES_PER_SIGNED_IN_SOCKET));
  expect(after.malformed - before.malformed).toBeGreaterThan(SIGNED_IN / 3);
  expect(report).toMatchObject({ written: SIGNED_IN, refused: 0, hung: 0 });
  expect(report.names.size).toBe(FAMILY_COUNT);
});

/** As the process counts them; what others send meanwhile is neither. */
async function framesIn(): Promise<{ auth: number; malformed: number }> {
  const of = (kind: string) => figureOf(house, "realtime", { name: "realtime_frames_in_total", labels: { kind } });
  return { auth: await of("auth"), malformed: await of("malformed") };
}

const openSockets = () => figureOf(house, "realtime", { name: "realtime_connections" });

function target() {
  return { port: Number(new URL(house.realtimeUrl).port), path: "/realtime", origin: house.webUrl };
}

/** Runs an attack on the realtime process while people talk there, and judges what they and the process suffered. */
async function disturb(attack: () => Promise<AttackReport>): Promise<AttackReport> {
  const bystanders = await startBystanders(house, BYSTANDER_PAIRS);
  const undisturbed = await startBystanders(house, BYSTANDER_PAIRS, house.quietRealtimeUrl);
  const insides = await watchProcesses(house);
  const memory = watchMemory(house.pids["realtime"] ?? 0);
  const startedAt = Date.now();
  const report = await attack();
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  const { peakMib, growthMib } = memory.stop();
  tell(`${report.written} cases in ${seconds} s, closed ${report.closedByServer}, heard out ${report.closedByClient}`);
  tell(`memory: peak ${peakMib} MiB, growth ${growthMib} MiB`);
  const [talk, quiet] = await Promise.all([bystanders.stop(), undisturbed.stop()]);
  tell(`bystanders: ${talk.messages} messages, slowest ${talk.slowestMs} ms (elsewhere ${quiet.slowestMs} ms)`);
  await waitFor(async () => (await openSockets()) === 0, {
    deadlineMs: SOCKETS_GONE_MS,
    what: "the end of every socket",
  });
  const { polluted, aliveGrowthMib } = await insides.look();
  const aliveMib = aliveGrowthMib["realtime"] ?? Number.NaN;
  tell(`in use after a collection: ${aliveMib.toFixed(1)} MiB more`);
  expect(polluted).toEqual({});
  expect(aliveMib).toBeLessThan(ALIVE_GROWTH_MAX_MIB);
  expect(talk.messages).toBeGreaterThan(0);
  expect(talk.slowestMs).toBeLessThan(DISTURBANCE_MAX_MS + quiet.slowestMs);
  expect(growthMib).toBeLessThan(GROWTH_MAX_MIB);
  return report;
}
