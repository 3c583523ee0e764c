import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { translationOf } from "@ashchat/translate/testing/recording-engine";
import { seededRandom } from "@ashchat/visitor/random";
import { checkHistory } from "../checker";
import type { Evidence, HistoryRecord, LetterFact, RegistrationFact } from "../history";
import { judgeMemory } from "../memory-report";
import { measurePauses } from "../pauses";
import { readSetAside, plantPoison } from "./broker";
import { openDatabase, watchMarks, type DatabaseReader } from "./database";
import { openDevice, type Device } from "./device";
import { readLogs } from "./logs";
import { watchMemory } from "./memory";
import { runNemesis, type DoneFault } from "./nemesis";
import { makePeople, makeRooms, needsOf, signInAgain, type Door, type Person, type Room } from "./people";
import { runRegistrations, type Attempt } from "./registrations";
import type { RunReport } from "./report";
import { compareDevices, waitForRest } from "./settle";
import type { Surroundings } from "./surroundings";
import { startTraffic, type Traffic } from "./traffic";
import { guardVictims, type GuardedVictims, type ServicesControl, type StackControl } from "./victims";

export interface RunOptions {
  seed: number;
  messages: number;
  faults: number;
  ratePerSecond: number;
  registrations: number;
  /** Processes that are never killed. */
  spared: readonly string[];
  /** How long everything may take to come to rest after the last fault. */
  restMs: number;
  /** How long devices that differ from a fresh fetch may take to agree with it. */
  agreeMs: number;
  stack: StackControl;
  services: ServicesControl;
  surroundings: Surroundings;
  /** Of the pages: what the browser sends as its Origin. */
  origin: string;
  inboxUrl: string;
  /** The servers' true addresses. */
  databaseUrl: string;
  rabbitmqUrl: string;
  namespace: string;
  logFolder: string;
  log: (line: string) => void;
}

const MARKS_EVERY_MS = 500;
const MEMORY_EVERY_MS = 5_000;
/** All messages, at the slowest rate that still counts. */
const RATE_MIN = 4;
/** The first job and one per rescue; a job that fails is asked again by its queue, which is counted below it. */
const ENGINE_CALLS_MAX = LIMITS.pendingTriesMax + 1;
const MS_PER_SECOND = 1_000;

/** One whole run: people, traffic, faults, rest, verdict. */
export async function runFaults(options: RunOptions): Promise<RunReport> {
  const began = Date.now();
  const unhandled: string[] = [];
  const note = (cause: unknown) =>
    unhandled.push(`client: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  process.on("unhandledRejection", note);
  const records: HistoryRecord[] = [];
  const scene = await openScene(options, records);
  const memory = watchMemory(() => ({ ...options.services.pids(), ...options.stack.pids }), MEMORY_EVERY_MS);
  const harm = await doHarm(options, scene);
  memory.stop();
  scene.victims.stop();
  options.log("faults are over, waiting for rest");
  const rest = await waitForRest(scene.devices, scene.database, options.restMs);
  if (rest.outboxesMs === null) {
    options.log(`still unsent:\n${scene.devices.flatMap((device) => device.describeUnsent()).join("\n")}`);
  }
  if (rest.pendingMs === null) options.log(`still owed:\n${(await scene.database.owed()).join("\n")}`);
  const stored = await scene.database.stored();
  const { facts, agreedMs } = await compareDevices(scene.devices, stored, options.agreeMs);
  await scene.marks.stop();
  const registrations = await registrationFacts(scene, harm.attempts);
  const setAside = await readSetAside(options.rabbitmqUrl, options.namespace);
  const found = readLogs(options.logFolder);
  const history = [...records]; // before the devices close their sockets
  const unsent = scene.devices.reduce((sum, device) => sum + device.unsent(), 0);
  for (const device of scene.devices) device.close();
  await scene.database.close();
  process.off("unhandledRejection", note);
  const evidence: Evidence = {
    ...surveyOf(options, scene),
    records: history,
    stored,
    devices: facts,
    marks: scene.marks.seen,
    registrations,
    poison: harm.poison,
    deadLetters: setAside.deadLetters,
    unrouted: setAside.unrouted,
    unsent,
    unexpectedExits: [...scene.victims.unexpected, ...harm.problems],
    unhandled: [...found.unhandled, ...unhandled],
    canaries: found.canaries,
  };
  return {
    seed: options.seed,
    verdict: checkHistory(evidence),
    faults: harm.done,
    seconds: { traffic: harm.trafficMs / MS_PER_SECOND, total: (Date.now() - began) / MS_PER_SECOND },
    ratePerSecond: (options.messages * MS_PER_SECOND) / harm.trafficMs,
    pauses: measurePauses(records),
    memory: judgeMemory(memory.samples),
    rest,
    agreedMs,
    registrations: countOutcomes(harm.attempts),
  };
}

interface Scene {
  door: Door;
  people: readonly Person[];
  rooms: readonly Room[];
  devices: readonly Device[];
  database: DatabaseReader;
  marks: ReturnType<typeof watchMarks>;
  victims: GuardedVictims;
}

async function openScene(options: RunOptions, records: HistoryRecord[]): Promise<Scene> {
  const { origin, inboxUrl, surroundings, seed } = options;
  const door: Door = { baseUrl: origin, via: surroundings.webUrl, inboxUrl };
  const people = await makePeople(door);
  const rooms = await makeRooms(people);
  const began = Date.now();
  const now = () => Date.now() - began;
  const devices: Device[] = [];
  for (const person of people) {
    const { userId } = person.me.profile;
    const roomIds = rooms.filter(({ members }) => members.includes(person)).map(({ roomId }) => roomId);
    for (let number = 1; number <= person.devices; number += 1) {
      const { visitor, me } = number === 1 ? person : await signInAgain(person, door);
      const random = seededRandom(seed * 1_000 + devices.length);
      devices.push(
        openDevice({
          ...{ me, visitor, roomIds, origin, random, records },
          name: `${person.name.toLowerCase()}/${number}`,
          language: person.language,
          realtimeUrls: surroundings.realtimeUrls,
          now,
        }),
      );
      options.log(`${person.name} ${number}: ${userId}`);
    }
  }
  await allLive(devices);
  const database = await openDatabase(options.databaseUrl);
  const marks = watchMarks(database, { everyMs: MARKS_EVERY_MS, now });
  return { door, people, rooms, devices, database, marks, victims: guardVictims(options.stack, options.services) };
}

const LIVE_MS = 30_000;
const LOOK_MS = 50;

/** Everybody begins connected, with every room open. */
async function allLive(devices: readonly Device[]): Promise<void> {
  const deadline = Date.now() + LIVE_MS;
  const isReady = ({ client, roomIds }: Device) => {
    const { connection, conversations } = client.getSnapshot();
    return connection.status === "live" && roomIds.every((roomId) => conversations.get(roomId)?.status === "ready");
  };
  while (!devices.every(isReady)) {
    if (Date.now() > deadline) throw new Error(`not every device was connected after ${LIVE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Harm {
  done: readonly DoneFault[];
  attempts: readonly Attempt[];
  poison: readonly LetterFact[];
  trafficMs: number;
  problems: readonly string[];
}

/** Traffic, faults, strangers and poison at the same time. */
async function doHarm(options: RunOptions, scene: Scene): Promise<Harm> {
  const { seed, messages, faults, ratePerSecond, spared, log, surroundings } = options;
  const problems: string[] = [];
  const began = Date.now();
  const deadlineMs = (messages * MS_PER_SECOND) / Math.min(RATE_MIN, ratePerSecond);
  let begun = 0;
  const share = () => begun + 2 / faults;
  const traffic = startTraffic({
    ...{ devices: scene.devices, messages, ratePerSecond, deadlineMs, share },
    random: seededRandom(seed),
  });
  const ended = traffic.finished.catch((cause: unknown) => problems.push(String(cause))).then(() => Date.now() - began);
  const { victims, devices, door } = scene;
  const random = seededRandom(seed + 1);
  const nemesis = runNemesis(
    { victims, proxies: surroundings.proxies, devices, random, spared, log },
    { faults, progress: progressOf(traffic, options, deadlineMs), onBegin: (part) => (begun = part) },
  );
  let isOver = false;
  const strangers = runRegistrations({
    door,
    count: options.registrations,
    random: seededRandom(seed + 2),
    isOver: () => isOver,
  });
  const poison = await plantPoison(options.rabbitmqUrl, options.namespace);
  const done = await nemesis;
  const trafficMs = await ended;
  await traffic.changed();
  isOver = true;
  const attempts = await strangers;
  return { done, attempts, poison, trafficMs, problems };
}

/** 0 to 1: how much was sent, or how much of the longest time is over. */
function progressOf(traffic: Traffic, { messages }: RunOptions, deadlineMs: number): () => number {
  const began = Date.now();
  return () => Math.max(traffic.sent() / messages, (Date.now() - began) / deadlineMs);
}

async function registrationFacts(scene: Scene, attempts: readonly Attempt[]): Promise<RegistrationFact[]> {
  const { database, people } = scene;
  const facts: RegistrationFact[] = [];
  for (const { email } of people)
    facts.push({ registrationId: email, confirmed: true, lacksMail: false, ...(await database.account(email)) });
  for (const { email, outcome } of attempts) {
    const found = await database.account(email);
    // Without a clear answer both ends are right, but only whole ones.
    const confirmed = outcome === "confirmed" || (outcome === "unknown" && found.users > 0);
    facts.push({ registrationId: email, confirmed, lacksMail: outcome === "no_mail", ...found });
  }
  return facts;
}

function surveyOf({ surroundings }: RunOptions, { rooms }: Scene) {
  return {
    needs: needsOf(rooms),
    members: new Map<RoomId, UserId[]>(
      rooms.map(({ roomId, members }) => [roomId, members.map(({ me }) => me.profile.userId)]),
    ),
    engineCalls: surroundings.engine.calls,
    engineCallsMax: ENGINE_CALLS_MAX,
    expectedTranslation: translationOf,
  };
}

function countOutcomes(attempts: readonly Attempt[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of attempts) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
