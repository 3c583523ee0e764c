import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase } from "@ashchat/db/connect";
import { messagingBench } from "@ashchat/messaging/testing";
import { deleteTopology, topologyOf } from "@ashchat/messaging/topology";
import { testEnv, uniqueName } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
// @boundaries-ignore it starts the product as every command does
import { portsFromBase, startStack, type Stack } from "../../../tools/stack.mjs";
import { runScenario, SCENARIOS, SHORT_PLAN } from "./run-overload";
import type { Scene } from "./scene";

const SEED = 5;
const SECRET = "a secret of this test alone, long enough";
/** Seconds on an idle machine; what counts are the deadlines inside. */
const SCENARIO_MS = 180_000;

let dir: string;
let stack: Stack | undefined;
let scene: Scene;
const namespace = uniqueName("overload");
const lines: string[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "ashchat-overload-"));
  const ports = portsFromBase(Number(testEnv("ASH_TEST_PORT_BASE")));
  const databaseUrl = await migratedDatabase();
  const origin = `http://localhost:${ports.web}`;
  const redisUrl = testEnv("ASH_TEST_REDIS_URL");
  const env = {
    ...{ NODE_ENV: "test", NAMESPACE: namespace, PUBLIC_URL: origin, ALLOWED_ORIGINS: origin },
    ...{ MONGODB_URL: databaseUrl, REDIS_URL: redisUrl, RABBITMQ_URL: testEnv("ASH_TEST_RABBITMQ_URL") },
    ...{ NEXTAUTH_SECRET: SECRET, REALTIME_PUBLIC_URL: `ws://localhost:${ports.realtime[0]}` },
  };
  stack = await startStack({ env, ports, dir, processes: ["web", "realtime"] });
  scene = {
    ...{ origin, databaseUrl, redisUrl, namespace, stack, sessionSecret: SECRET },
    realtimePort: ports.realtime[0] ?? 0,
    internalUrl: stack.urls.internal["realtime"] ?? "",
    log: (line) => void lines.push(line),
  };
});

afterAll(async () => {
  await stack?.stop();
  rmSync(dir, { recursive: true });
  const bench = messagingBench();
  await bench.raw((channel) => deleteTopology(channel, topologyOf(namespace)));
  await bench.close();
});

async function migratedDatabase(): Promise<string> {
  const url = new URL(testEnv("ASH_TEST_MONGODB_URL"));
  url.pathname = `/${namespace}`;
  const database = await connectDatabase({ url: url.href, appName: "overload", timeoutMs: LIMITS.databaseTimeoutMs });
  await database.migrate();
  await database.close();
  return url.href;
}

test.each(SCENARIOS)(
  "P1, P4, P11: under %s the promises hold",
  async (name) => {
    const findings = await runScenario(name, { scene, plan: SHORT_PLAN, seed: SEED });
    expect(
      findings.filter(({ message }) => message !== null),
      lines.join("\n"),
    ).toEqual([]);
  },
  SCENARIO_MS,
);

// Whoever watches for ended processes would otherwise leave one behind at each interrupted run.
test("a stack that is being stopped starts nothing again", async () => {
  if (stack === undefined) throw new Error("nothing was started");
  const stopping = stack.stop();
  await expect(stack.restart("realtime")).rejects.toThrow("the stack is stopped");
  await stopping;
  expect(await stack.ended("realtime", 0)).toBe(true);
});
