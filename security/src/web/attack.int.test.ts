import { readFileSync } from "node:fs";
import { judgeRecords } from "@ashchat/db/testing/judge-records";
import { testEnv } from "@ashchat/runtime/testing";
import { between, pick, seededRandom, type Random } from "@ashchat/visitor/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBystanders } from "../house/bystanders";
import { watchMemory } from "../house/memory";
import { openHouse, type OpenHouse, type Person } from "../house/open-house";
import { cases } from "../profile";
import { tell } from "../tell";
import { call, readResult, request } from "../house/call";
import { hostileRequest, type HostileRequest } from "./hostile-requests";
import type { Vocabulary } from "./samples";

const SEED = 20_260_402;
const INPUTS = cases({ short: 3_000, full: 100_000 });
/** Enough that the bound of calls per person and minute does not answer in place of the procedures. */
const ATTACKERS = cases({ short: 10, full: 200 });
const PARALLEL = 16;
/** One in so many comes without a session. */
const ANONYMOUS_EVERY = 10;
/** Next keeps more of what it has seen than the realtime process; 100,000 leaks of 1 KiB would be 98. */
const GROWTH_MAX_MIB = 80;
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
  inputs: number;
  requests: number;
  codes: Map<string, number>;
}

it("wrong inputs make no error of the server, tell nothing of its insides and leave its memory flat", async () => {
  const bystanders = await startBystanders(house, 1);
  const memory = watchMemory(house.pids["web"] ?? 0);
  const startedAt = Date.now();
  const report = await attack(seededRandom(SEED));
  const { peakMib, growthMib } = memory.stop();
  const codes = [...report.codes].toSorted((one, other) => other[1] - one[1]).map((pair) => pair.join(" "));
  tell(`${report.inputs} inputs in ${report.requests} requests, ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  tell(`answers: ${codes.join(", ")}`);
  tell(`memory: peak ${peakMib} MiB, growth ${growthMib} MiB`);
  const talk = await bystanders.stop();
  tell(`bystanders: ${talk.messages} messages, slowest ${talk.slowestMs} ms`);
  expect(report.inputs).toBeGreaterThanOrEqual(INPUTS);
  expect(growthMib).toBeLessThan(GROWTH_MAX_MIB);
  // Some go all the way: an attack that is refused at the door alone proves nothing of what lies behind.
  expect(report.codes.get("ok") ?? 0).toBeGreaterThan(INPUTS / 100);
});

it("after all that the process serves as before, and no prototype is changed", async () => {
  const person = await house.person();
  const me = await call(house, "account.me", { cookie: person.cookie });
  expect(me).toMatchObject({ status: 200, output: { profile: { userId: person.userId } } });
  expect(me.text).not.toContain("isAdmin");
});

it("no operator reached the database that the code did not write", () => {
  const judged = judgeRecords(readFileSync(testEnv("ASH_TEST_QUERY_RECORD"), "utf8"));
  const web = judged.find(({ process }) => process === "ashchat-web");
  expect(web?.count).toBeGreaterThan(10);
  expect(judged.flatMap(({ problems }) => problems)).toEqual([]);
});

async function attack(random: Random): Promise<Report> {
  const report: Report = { inputs: 0, requests: 0, codes: new Map() };
  const lane = async () => {
    while (report.inputs < INPUTS) {
      const hostile = hostileRequest(vocabulary, random);
      report.inputs += hostile.inputs;
      report.requests += 1;
      await send(hostile, random, report.codes);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return report;
}

async function send(hostile: HostileRequest, random: Random, codes: Map<string, number>): Promise<void> {
  const { path, init, isForProcedures } = hostile;
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
  for (const code of codesOf(text, about)) {
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code === "internal") throw new Error(`a server error: ${about}`);
    if (response.status >= SERVER_ERROR && !MAY_BE_BUSY.has(code)) throw new Error(`a server error: ${about}`);
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
