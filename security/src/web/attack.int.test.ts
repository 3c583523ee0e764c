import { readFileSync } from "node:fs";
import { judgeRecords } from "@ashchat/db/testing/judge-records";
import { testEnv } from "@ashchat/runtime/testing";
import { between, pick, seededRandom, type Random } from "@ashchat/visitor/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBystanders } from "../house/bystanders";
import { watchMemory } from "../house/memory";
import { openHouse, type OpenHouse, type Person } from "../house/open-house";
import { watchProcesses } from "../probe/watch-processes";
import { cases } from "../profile";
import { tell } from "../tell";
import { call, readResult, request } from "../house/call";
import { hostileRequest, type HostileRequest } from "./hostile-requests";
import type { ProcedurePath } from "./paths";
import { PROCEDURES } from "./procedures";
import { sampleOf, type Vocabulary } from "./samples";

const SEED = 20_260_402;
const INPUTS = cases({ short: 3_000, full: 100_000 });
/** Enough that the bound of calls per person and minute does not answer in place of the procedures. */
const ATTACKERS = cases({ short: 10, full: 200 });
const PARALLEL = 16;
const GOOD_INPUTS = 3;
/** Of the procedures that take something, those that a spoilt input must have come into; the others are seldom drawn. */
const TAKING = PROCEDURES.filter(({ input }) => input !== null).length;
const REACHED_MIN = cases({ short: Math.floor(TAKING / 2), full: TAKING });
/** One in so many comes without a session. */
const ANONYMOUS_EVERY = 10;
/** Next keeps more of what it has seen than the realtime process; 100,000 leaks of 1 KiB would be 98. */
const GROWTH_MAX_MIB = 80;
/** Of what is in use after a collection: no garbage hides in it. */
const ALIVE_GROWTH_MAX_MIB = 32;
const SERVER_ERROR = 500;
/** What is overloaded may say so. */
const MAY_BE_BUSY = new Set(["unavailable", "overloaded", "timeout"]);
/** Of a stack, a library or a server behind. */
const INTERNAL_TEXT = /\n\s+at |node_modules|\.(?:ts|js):\d+|Mongo(?:ose|Server)|E11000|ZodError|TRPCError|ECONN/;

let house: OpenHouse;
let attackers: Person[];
let vocabulary: Vocabulary;

beforeAll(async () => {
  house = await openHouse();
  attackers = await house.people(ATTACKERS);
  const [first] = attackers;
  if (first === undefined) throw new Error("nobody attacks");
  const mine = await house.group(first.userId);
  const foreign = await house.group((await house.person()).userId);
  vocabulary = {
    roomIds: [mine, foreign],
    userIds: attackers.slice(0, 3).map(({ userId }) => userId),
    sessionIds: attackers.slice(0, 3).map(({ sessionId }) => sessionId),
  };
});
afterAll(() => house.close());

interface Report {
  /** Each judged by a procedure: what is refused with its whole request is none. */
  inputs: number;
  requests: number;
  codes: Map<string, number>;
  /** How many inputs each procedure has taken, or refused for what they ask and not for their shape. */
  reached: Map<ProcedurePath, number>;
}

/** Refusals by which nothing is known of what lies behind the door. */
const AT_THE_DOOR = new Set(["invalid_input", "not_signed_in", "session_revoked", "rate_limited"]);

/** Spoilt is only what was good: were an input refused for its shape anyway, no attack would come past that. */
it("every procedure takes the input that is made from its schema, before it is spoilt", async () => {
  const random = seededRandom(SEED);
  for (const { path, input } of PROCEDURES) {
    for (let tried = 0; tried < GOOD_INPUTS; tried += 1) {
      const { cookie } = await house.person();
      const address = randomAddress(random);
      const { code, text } = await call(house, path, { input: sampleOf(input, vocabulary, random), cookie, address });
      expect({ path, code, text }).not.toMatchObject({ code: "invalid_input" });
    }
  }
});

it("wrong inputs make no error of the server, tell nothing of its insides, pollute no process and leave its memory flat", async () => {
  const bystanders = await startBystanders(house, 1);
  const insides = await watchProcesses(house);
  const memory = watchMemory(house.pids["web"] ?? 0);
  const startedAt = Date.now();
  const report = await attack(seededRandom(SEED));
  const { peakMib, growthMib } = memory.stop();
  const codes = [...report.codes].toSorted((one, other) => other[1] - one[1]).map((pair) => pair.join(" "));
  tell(`${report.inputs} inputs in ${report.requests} requests, ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  tell(`answers: ${codes.join(", ")}`);
  tell(`behind the door: ${[...report.reached].map((pair) => pair.join(" ")).join(", ")}`);
  tell(`memory: peak ${peakMib} MiB, growth ${growthMib} MiB`);
  const talk = await bystanders.stop();
  tell(`bystanders: ${talk.messages} messages, slowest ${talk.slowestMs} ms`);
  const { polluted, aliveGrowthMib } = await insides.look();
  const aliveMib = aliveGrowthMib["web"] ?? Number.NaN;
  tell(`in use after a collection: ${aliveMib.toFixed(1)} MiB more`);
  expect(polluted).toEqual({});
  expect(aliveMib).toBeLessThan(ALIVE_GROWTH_MAX_MIB);
  expect(report.inputs).toBeGreaterThanOrEqual(INPUTS);
  expect(growthMib).toBeLessThan(GROWTH_MAX_MIB);
  // Some go all the way: an attack that is refused at the door alone proves nothing of what lies behind.
  const behind = PROCEDURES.filter(({ path, input }) => input !== null && report.reached.has(path));
  expect(behind.length).toBeGreaterThanOrEqual(REACHED_MIN);
});

it("after all that the process serves as before", async () => {
  const person = await house.person();
  const me = await call(house, "account.me", { cookie: person.cookie });
  expect(me).toMatchObject({ status: 200, output: { profile: { userId: person.userId } } });
});

it("no operator reached the database that the code did not write", () => {
  const judged = judgeRecords(readFileSync(testEnv("ASH_TEST_QUERY_RECORD"), "utf8"));
  const web = judged.find(({ process }) => process === "ashchat-web");
  expect(web?.count).toBeGreaterThan(10);
  expect(judged.flatMap(({ problems }) => problems)).toEqual([]);
});

async function attack(random: Random): Promise<Report> {
  const report: Report = { inputs: 0, requests: 0, codes: new Map(), reached: new Map() };
  const lane = async () => {
    while (report.inputs < INPUTS) {
      report.requests += 1;
      await send(hostileRequest(vocabulary, random), random, report);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return report;
}

async function send(hostile: HostileRequest, random: Random, report: Report): Promise<void> {
  const { path, init, isForProcedures, calls } = hostile;
  const headers = new Headers({ ...init.headers, "x-forwarded-for": randomAddress(random) });
  if (random() > 1 / ANONYMOUS_EVERY) headers.set("cookie", pick(random, attackers).cookie);
  const response = await request(house, path, { ...init, headers });
  const text = await response.text();
  const about = `${init.method} ${path.slice(0, 200)} ${(init.body ?? "").slice(0, 500)} → ${response.status} ${text.slice(0, 500)}`;
  if (INTERNAL_TEXT.test(text)) throw new Error(`internal text: ${about}`);
  if (!isForProcedures) {
    if (response.status >= SERVER_ERROR) throw new Error(`a server error: ${about}`);
    return;
  }
  const codes = codesOf(text, about);
  // A request that is refused as a whole has one answer, however many inputs it carries.
  if (codes.length === calls.length) count(report, calls, codes);
  for (const code of codes) {
    if (code === "internal") throw new Error(`a server error: ${about}`);
    if (response.status >= SERVER_ERROR && !MAY_BE_BUSY.has(code)) throw new Error(`a server error: ${about}`);
  }
}

function count(report: Report, calls: readonly ProcedurePath[], codes: readonly string[]): void {
  report.inputs += calls.length;
  for (const [index, code] of codes.entries()) {
    report.codes.set(code, (report.codes.get(code) ?? 0) + 1);
    const path = calls[index];
    if (path !== undefined && !AT_THE_DOOR.has(code)) report.reached.set(path, (report.reached.get(path) ?? 0) + 1);
  }
}

/** Of one result or of a batch; throws where an answer is of no known shape. */
function codesOf(text: string, about: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).map((one) => readResult(one).code ?? "ok");
  } catch (cause) {
    throw new Error(`an answer of an unknown shape: ${about}`, { cause });
  }
}

function randomAddress(random: Random): string {
  return [10, 1, 1, 1].map((first) => between(random, first, first === 10 ? 10 : 254)).join(".");
}
