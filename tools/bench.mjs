#!/usr/bin/env node
/**
 * npm run bench -- ROW [--smoke]: starts private servers and measures one row of docs/performance.md beside its peers.
 * Figures are ratios of the same run; nothing here passes or fails but lost and repeated messages.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openServices } from "./services/index.mjs";
import { SERVICE_PORTS, findFreePorts } from "./services/ports.mjs";
import { SetupError } from "./services/process.mjs";
import { endCommands, run } from "./services/run.mjs";
import { buildAll } from "./setup/build.mjs";
import { ensurePackages, requireNode } from "./setup/install.mjs";
import { describe, step as timed } from "./setup/steps.mjs";
import { ROOT } from "./stack/definitions.mjs";
import { browserPath } from "./testing/suites.mjs";

/** These measure the product as built; the others run its sources. */
const BUILT_ROWS = ["send", "translate", "web"];
const SERVICES = ["mongodb", "redis", "rabbitmq"];
/** One for every server of every round. */
const OWN_PORTS = 60;
const ROW_MS = 1_800_000;

const dir = join(ROOT, ".data", `bench-${process.pid}`);
const interrupted = new AbortController();
const step = (name, work) => timed(name, work, interrupted.signal);
let services;

async function main(args) {
  requireNode();
  mkdirSync(join(dir, "logs"), { recursive: true });
  await step("packages", () => ensurePackages({ logDir: join(dir, "logs") }));
  if (BUILT_ROWS.includes(args[0])) await step("build", () => buildAll({ logDir: join(dir, "logs") }));
  const basePort = await findFreePorts({ count: SERVICE_PORTS });
  services = openServices({ dir: join(dir, "services"), basePort, log: console.log });
  await step("services", () => services.startAll(SERVICES));
  const { MONGODB_URL, REDIS_URL, RABBITMQ_URL } = services.environment();
  const own = await findFreePorts({ count: OWN_PORTS });
  const env = {
    ...process.env,
    NODE_ENV: "test",
    ASH_TEST_MONGODB_URL: MONGODB_URL,
    ASH_TEST_REDIS_URL: REDIS_URL,
    ASH_TEST_RABBITMQ_URL: RABBITMQ_URL,
    ASH_TEST_PORT_BASE: String(own),
    ...(args[0] === "web" ? { ASH_TEST_CHROMIUM: browserPath({ log: console.log }) } : {}),
  };
  const command = ["--import", "tsx", "src/main.ts", ...args];
  const { status } = await run(process.execPath, command, { cwd: join(ROOT, "bench"), env, timeoutMs: ROW_MS });
  if (status !== 0) process.exitCode = 1;
}

async function finish() {
  for (const name of SERVICES.toReversed()) await services?.stop(name);
  rmSync(dir, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    interrupted.abort(new SetupError("The bench was interrupted."));
    endCommands();
  });
}
await main(process.argv.slice(2)).catch((cause) => {
  console.error(describe(cause));
  process.exitCode = 1;
});
await finish();
