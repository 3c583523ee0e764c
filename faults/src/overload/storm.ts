import { setTimeout as delay } from "node:timers/promises";
import { meSchema } from "@ashchat/contracts/api";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { openVisitor } from "@ashchat/visitor/browser";
import { pick, seededRandom, type Random } from "@ashchat/visitor/random";
import { sealSession } from "@ashchat/web/testing/sealed-session";
import { checkHistory } from "../checker";
import type { DeviceFact, Evidence, HistoryRecord, StoredFact, VisibleFact } from "../history";
import { openDatabase } from "../run/database";
import { openDevice, type Device } from "../run/device";
import { visibleFact } from "../run/tracker";
import { addressOf } from "./crowd";
import { openHouse, type House, type Member } from "./house";
import { ms } from "./ledger";
import { finding, msUntil, type Finding, type Scene } from "./scene";

/** Everybody loses the realtime server at once and comes back, with the product's own client. */
export interface StormPlan {
  clients: number;
  roomSizes: readonly number[];
  /** Messages before the server ends, and while it is away. */
  messages: number;
  downMs: number;
}

const CAUGHT_UP_MAX = 20_000;
/** Before the storm there is no hurry: so many pages are opened at once. */
const ARRIVALS_AT_ONCE = 10;
const ARRIVE_MS = 60_000;
const SESSION_COOKIE = "next-auth.session-token";
/** A look at 500 devices costs more than a look at one. */
const HEADS_MS = 30_000;

export async function runStorm(scene: Scene, plan: StormPlan, seed: number): Promise<Finding[]> {
  const random = seededRandom(seed);
  const house = await openHouse(scene, { people: plan.clients, roomSizes: plan.roomSizes, everyOther: 0 });
  const database = await openDatabase(scene.databaseUrl);
  const records: HistoryRecord[] = [];
  const began = performance.now();
  const devices = await arrive({ scene, house, records, random, now: () => performance.now() - began });
  scene.log(`${devices.length} clients are live after ${ms(performance.now() - began)}`);
  await write(devices, plan.messages, random);
  await msUntil(() => devices.every((device) => device.unsent() === 0), HEADS_MS);
  await scene.stack.kill("realtime", "SIGKILL");
  const killedAt = performance.now();
  await write(devices, plan.messages, random);
  await delay(plan.downMs);
  await scene.stack.restart("realtime");
  const restartedAt = performance.now();
  const caughtUpMs = await untilAllCaughtUp(devices, CAUGHT_UP_MAX * 2);
  scene.log(
    `the server was away for ${ms(restartedAt - killedAt)}; all caught up ${caughtUpMs === null ? "not in time" : `${ms(caughtUpMs)} after it was back`}`,
  );
  const ownRooms = new Set(house.rooms.map(({ roomId }) => roomId));
  const stored = (await database.stored()).filter(({ roomId }) => ownRooms.has(roomId));
  const verdict = checkHistory(evidenceOf({ house, devices, records, stored }));
  scene.log(
    `storm: ${Object.entries(verdict.counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
  );
  for (const device of devices) device.close();
  await database.close();
  await house.close();
  return [
    finding(
      `${plan.clients} clients whose server was killed have all caught up 20 s after it is back`,
      caughtUpMs !== null && caughtUpMs <= CAUGHT_UP_MAX,
      caughtUpMs === null ? "not all caught up in twice the time" : ms(caughtUpMs),
    ),
    finding(
      "what was written meanwhile is there, without a hole, a loss or a repeat",
      verdict.violations.length === 0 && verdict.counts.stored === 2 * plan.messages,
      [
        `stored ${verdict.counts.stored} of ${2 * plan.messages}`,
        ...verdict.violations.map(({ invariant, detail }) => `${invariant}: ${detail}`),
      ].join("\n"),
    ),
  ];
}

interface Arrival {
  scene: Scene;
  house: House;
  records: HistoryRecord[];
  random: Random;
  now: () => number;
}

async function arrive(arrival: Arrival): Promise<Device[]> {
  const { people } = arrival.house;
  const devices: Device[] = [];
  for (let from = 0; from < people.length; from += ARRIVALS_AT_ONCE) {
    const portion = people.slice(from, from + ARRIVALS_AT_ONCE);
    const arrived = await Promise.all(portion.map((member, index) => openOne(arrival, member, from + index)));
    if ((await msUntil(() => arrived.every(isLive), ARRIVE_MS)) === null)
      throw new Error("not every client could connect");
    devices.push(...arrived);
  }
  return devices;
}

async function openOne(
  { scene, house, records, random, now }: Arrival,
  member: Member,
  index: number,
): Promise<Device> {
  const token = await sealSession(member, scene.sessionSecret);
  const visitor = openVisitor({ baseUrl: scene.origin, cookies: { [SESSION_COOKIE]: token } });
  const me = await patiently(() => visitor.query("account.me", undefined, meSchema));
  const roomIds = house.rooms.filter(({ members }) => members.includes(member)).map(({ roomId }) => roomId);
  return openDevice({
    ...{ me, visitor, roomIds, random, records, now },
    name: `client/${index}`,
    language: "en",
    origin: scene.origin,
    localAddress: addressOf(index),
    realtimeUrls: [`ws://127.0.0.1:${scene.realtimePort}`],
  });
}

const TRIES = 10;
const TRY_AGAIN_MS = 500;

/** As a page does that could not be loaded. */
async function patiently<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (cause) {
      if (tries === TRIES) throw cause;
      await delay(TRY_AGAIN_MS);
    }
  }
}

function isLive({ client, roomIds }: Device): boolean {
  const { connection, conversations } = client.getSnapshot();
  return connection.status === "live" && roomIds.every((roomId) => conversations.get(roomId)?.status === "ready");
}

const BETWEEN_MESSAGES_MS = 10;

async function write(devices: readonly Device[], messages: number, random: Random): Promise<void> {
  for (let sent = 0; sent < messages;) {
    const device = pick(random, devices);
    if (device.send(pick(random, device.roomIds), `message ${sent} of many, in words of one language`)) sent += 1;
    await delay(BETWEEN_MESSAGES_MS);
  }
}

/** Connected again, nothing unsent, and every room shown up to its last message. */
function untilAllCaughtUp(devices: readonly Device[], deadlineMs: number): Promise<number | null> {
  return msUntil(() => {
    if (!devices.every((device) => device.unsent() === 0 && isLive(device))) return false;
    const heads = new Map<RoomId, number>();
    for (const { roomIds, tracker } of devices) {
      for (const roomId of roomIds) heads.set(roomId, Math.max(heads.get(roomId) ?? 0, tracker.shownSeq(roomId)));
    }
    return devices.every(({ roomIds, tracker }) =>
      roomIds.every((roomId) => tracker.shownSeq(roomId) === heads.get(roomId)),
    );
  }, deadlineMs);
}

/** What the checker of the fault run wants to know; of what did not happen here there is nothing. */
function evidenceOf(run: {
  house: House;
  devices: readonly Device[];
  records: HistoryRecord[];
  stored: StoredFact[];
}): Evidence {
  const { house, devices, records, stored } = run;
  return {
    ...{ records, stored },
    devices: devices.flatMap((device) => factsOf(device, stored)),
    marks: [],
    needs: new Map(),
    members: new Map<RoomId, UserId[]>(
      house.rooms.map(({ roomId, members }) => [roomId, members.map(({ userId }) => userId)]),
    ),
    ...{ registrations: [], engineCalls: new Map(), engineCallsMax: 0, expectedTranslation: (text: string) => text },
    ...{ deadLetters: [], poison: [], unrouted: 0, unsent: 0, unexpectedExits: [], unhandled: [], canaries: [] },
  };
}

/** What a device shows beside what the database holds. */
function factsOf(device: Device, stored: readonly StoredFact[]): DeviceFact[] {
  const { conversations } = device.client.getSnapshot();
  return device.roomIds.map((roomId) => ({
    device: device.name,
    userId: device.userId,
    language: device.language,
    roomId,
    kept: (conversations.get(roomId)?.messages ?? []).map(visibleFact),
    cold: stored
      .filter((message) => message.roomId === roomId)
      .map(coldFact)
      .toSorted((a, b) => a.seq - b.seq),
  }));
}

/** Everybody reads one language: nothing is translated. */
function coldFact({ seq, clientId, text, revision }: StoredFact): VisibleFact {
  return { seq, clientId, text, revision, translation: null, translationOf: null };
}
