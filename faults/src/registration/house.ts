import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@ashchat/contracts/limits";
import { testDatabase, type TestDatabase } from "@ashchat/db/testing";
import { deleteTopology, topologyOf } from "@ashchat/messaging/topology";
import { messagingBench } from "@ashchat/messaging/testing";
import { redisBench, type RedisBench } from "@ashchat/redis/testing";
import { testEnv, uniqueName } from "@ashchat/runtime/testing";
import * as z from "zod/mini";
// @boundaries-ignore the processes are started as the other commands start them
import { portsFromBase, startStack } from "../../../tools/stack.mjs";
import { readSetAside } from "../run/broker";
import { openBrowser, type Browser } from "./browser";
import type { CrashingProcess, CrashPointName } from "./crash-points";

/** The built processes of a registration on real servers, with a database and a namespace of their own. */
export interface House {
  readonly namespace: string;
  readonly redis: RedisBench["raw"];
  readonly database: TestDatabase;
  /** At a network address that nobody else has, or at `address`. */
  browser(address?: string): Browser;
  newEmail(): string;
  /** Codes of the mails to an address, newest first; null for a mail without one. */
  mailedCodes(email: string): Promise<(string | null)[]>;
  account(email: string): Promise<AccountState>;
  /** From now on the process that passes `point` kills itself there. */
  armCrash(point: CrashPointName): void;
  /** Waits for that death and starts the process again, unarmed. */
  recoverFromCrash(process: CrashingProcess): Promise<void>;
  /** As if the last code mail of a registration were old enough for another. */
  letResend(registrationId: string): Promise<void>;
  metrics(process: CrashingProcess): Promise<string>;
  pid(process: CrashingProcess): number | undefined;
  /** Ends the processes; fails where something was set aside. */
  close(): Promise<void>;
}

interface AccountState {
  readonly users: readonly { readonly id: string; readonly owesProfile: boolean }[];
  readonly profiles: number;
}

const PROCESSES: readonly CrashingProcess[] = ["web", "email-verification", "profiles"];
/** A stack takes eight. */
const PORTS_PER_HOUSE = 10;
const SECRET_BYTES = 32;
const DEATH_MS = 30_000;
const READY_MS = 180_000;
const mailsSchema = z.array(z.object({ code: z.nullable(z.string()) }));
const userSchema = z.object({ _id: z.string(), pendingProfile: z.optional(z.unknown()) });

/** `number` keeps the ports of houses apart that are open at the same time: 0 to 9. */
export async function openHouse(number: number): Promise<House> {
  const database = await testDatabase();
  const bench = redisBench();
  const namespace = uniqueName("reg");
  const ports = portsFromBase(Number(testEnv("ASH_TEST_PORT_BASE")) + number * PORTS_PER_HOUSE);
  const dir = mkdtempSync(join(tmpdir(), "ashchat-registration-"));
  const stepFile = join(dir, "step");
  const origin = `http://localhost:${ports.web}`;
  const env = { ...environment(namespace, origin, database.url), CRASH_AT: `@${stepFile}` };
  const stack = await startStack({ env, ports, dir, processes: PROCESSES, readyMs: READY_MS });
  let people = 0;
  return {
    namespace,
    redis: bench.raw,
    database,
    browser: (address = addressOf(people++)) => openBrowser(origin, address),
    newEmail: () => `${uniqueName("person").replace("_", "-")}@people.test`,
    mailedCodes,
    account: (email) => accountState(database, email),
    armCrash: (point) => writeFileSync(stepFile, point),
    recoverFromCrash: async (process) => {
      if (!(await stack.ended(process, DEATH_MS))) throw new Error(`${process} passed no armed step`);
      rmSync(stepFile);
      await stack.restart(process);
    },
    letResend: async (registrationId) => {
      const at = Date.now() - LIMITS.codeResendAfterMs;
      await bench.raw.hset(`${namespace}:sends:${registrationId}`, "at", at);
    },
    metrics: async (process) => (await fetch(`${stack.urls.internal[process]}/metrics`)).text(),
    pid: (process) => stack.pids[process],
    close: async () => {
      await stack.stop();
      const { deadLetters, unrouted } = await readSetAside(testEnv("ASH_TEST_RABBITMQ_URL"), namespace);
      await cleanUp(namespace, { bench, database });
      rmSync(dir, { recursive: true, force: true });
      const reasons = deadLetters.map(({ queue, reason }) => `${queue}: ${reason}`);
      if (reasons.length + unrouted > 0) throw new Error(`set aside: ${unrouted} unrouted, ${reasons.join("\n")}`);
    },
  };
}

/** A network of the test range 198.18.0.0/15 that stands for one customer. */
export function addressOf(number: number): string {
  return `198.${18 + Math.floor(number / 65_536)}.${Math.floor(number / 256) % 256}.${number % 256}`;
}

function environment(namespace: string, origin: string, databaseUrl: string): Record<string, string> {
  return {
    NODE_ENV: "test",
    LOG_LEVEL: "info",
    NAMESPACE: namespace,
    PUBLIC_URL: origin,
    TRUST_PROXY: "true",
    MAIL_FROM: "AshChat <no-reply@localhost>",
    NEXTAUTH_SECRET: randomBytes(SECRET_BYTES).toString("hex"),
    CODE_SECRET: randomBytes(SECRET_BYTES).toString("hex"),
    MONGODB_URL: databaseUrl,
    REDIS_URL: testEnv("ASH_TEST_REDIS_URL"),
    RABBITMQ_URL: testEnv("ASH_TEST_RABBITMQ_URL"),
    SMTP_URL: testEnv("ASH_TEST_SMTP_URL"),
  };
}

async function mailedCodes(email: string): Promise<(string | null)[]> {
  const response = await fetch(`${testEnv("ASH_TEST_INBOX_URL")}/api/mails?to=${encodeURIComponent(email)}`);
  return mailsSchema.parse(await response.json()).map(({ code }) => code);
}

async function accountState({ raw }: TestDatabase, email: string): Promise<AccountState> {
  const users = z.array(userSchema).parse(await raw.collection("users").find({ email }).toArray());
  const ids: unknown[] = users.map(({ _id }) => _id);
  const profiles = await raw.collection("profiles").countDocuments({ _id: { $in: ids as never[] } });
  return {
    users: users.map(({ _id, pendingProfile }) => ({ id: _id, owesProfile: pendingProfile !== undefined })),
    profiles,
  };
}

async function cleanUp(namespace: string, { bench, database }: { bench: RedisBench; database: TestDatabase }) {
  const keys = await bench.raw.keys(`${namespace}:*`);
  if (keys.length > 0) await bench.raw.unlink(...keys);
  await bench.close();
  await database.close();
  const broker = messagingBench();
  await broker.raw((channel) => deleteTopology(channel, topologyOf(namespace)));
  await broker.close();
}
