#!/usr/bin/env node
/**
 * npm run test:faults: people write while processes, servers and links are being broken; afterwards eleven invariants
 * are judged (docs/reliability.md). Ends with `N passed, N failed`, one result per invariant and seed; exit 1 on a violation.
 * node tools/faults.mjs [--profile short|long] [--seed N[,N…]] [--messages N] [--faults N] [--rate N]
 *                       [--report FILE] [--no-build] [--keep]
 *                       [--control]   without the rescue of pending work: passes only if the checker notices
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { openServices } from "./services/index.mjs";
import { SERVICE_PORTS, findFreePorts } from "./services/ports.mjs";
import { SetupError } from "./services/process.mjs";
import { endCommands } from "./services/run.mjs";
import { buildAll, runWorkerCommand } from "./setup/build.mjs";
import { newSecret, withDatabase } from "./setup/environment.mjs";
import { ensurePackages, requireNode } from "./setup/install.mjs";
import { describe, step as timed } from "./setup/steps.mjs";
import { portsFromBase, stackPortCount, startStack } from "./stack.mjs";
import { ROOT } from "./stack/definitions.mjs";
import { RESULTS } from "./testing/suites.mjs";

/** `agreeMs` is longer than the minute in which the servers audit what they announced. */
const PROFILES = {
  short: { messages: 2_000, faults: 12, rate: 60, registrations: 9, restMs: 300_000, agreeMs: 75_000, seeds: 1 },
  long: { messages: 10_000, faults: 50, rate: 60, registrations: 30, restMs: 600_000, agreeMs: 75_000, seeds: 5 },
  // Nothing comes to rest in it, so little is waited for.
  control: { messages: 600, faults: 12, rate: 50, registrations: 0, restMs: 30_000, agreeMs: 0, seeds: 1 },
};
/** No Apertium: the run brings a translation engine that counts. */
const SERVICES = ["mongodb", "redis", "rabbitmq", "inbox"];
const REALTIME_COUNT = 2;
const SEED_MAX = 1_000_000;
/** The invariant that a lost job breaks. */
const PENDING_INVARIANT = 7;

const undo = [];
let undoing = Promise.resolve();
const interrupted = new AbortController();
const step = (name, run) => timed(name, run, interrupted.signal);

function readOptions() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const { values } = parseArgs({
    options: {
      ...{ profile: text, seed: text, messages: text, faults: text, rate: text, report: text },
      ...{ control: flag, keep: flag, "no-build": flag },
    },
  });
  const profile = PROFILES[values.control ? "control" : (values.profile ?? "short")];
  if (!profile) throw new SetupError("--profile is short or long.");
  const number = (name) => Number(values[name] ?? profile[name]);
  const seeds = values.seed?.split(",").map(Number) ?? Array.from({ length: profile.seeds }, newSeed);
  const numbers = { messages: number("messages"), faults: number("faults"), rate: number("rate") };
  if ([...seeds, ...Object.values(numbers)].some((value) => !Number.isInteger(value) || value < 0)) {
    throw new SetupError("--seed, --messages, --faults and --rate are whole numbers.");
  }
  return { ...profile, ...numbers, ...values, seeds };
}

const newSeed = () => Math.floor(Math.random() * SEED_MAX);

async function main(options) {
  requireNode();
  const dir = join(ROOT, ".data", `faults-${process.pid}`);
  const logDir = join(dir, "logs");
  mkdirSync(logDir, { recursive: true });
  undo.push(async () => options.keep || rmSync(dir, { recursive: true, force: true }));
  await step("packages", () => ensurePackages({ logDir }));
  if (!options["no-build"]) await step("build", () => buildAll({ logDir }));
  const results = [];
  for (const seed of options.seeds) {
    interrupted.signal.throwIfAborted();
    results.push(...(await runSeed({ ...options, seed, dir: join(dir, `seed-${seed}`) })));
  }
  return results;
}

/** A run on servers, data and processes of its own. */
async function runSeed(options) {
  const { seed, dir, control } = options;
  const before = undo.length;
  try {
    const run = await prepare(options);
    console.log(`seed ${seed}: ${options.messages} messages, ${options.faults} faults`);
    const began = Date.now();
    const log = (line) => console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
    const { runFaults } = await load("run-faults.ts");
    const { describeRun, resultsOf } = await load("report.ts");
    const report = await runFaults({ ...run, log });
    console.log(describeRun(report));
    const results = control ? [controlResult(report)] : resultsOf(report.verdict);
    if (results.some(({ message }) => message !== null)) keepLogs(dir, seed);
    return results.map(({ title, message }) => ({ title: `faults › seed ${seed} › ${title}`, message }));
  } finally {
    await undoTo(before);
  }
}

const load = (file) => tsImport(`../faults/src/run/${file}`, import.meta.url);

async function prepare(options) {
  const { dir, seed } = options;
  const basePort = await findFreePorts({ count: SERVICE_PORTS });
  const services = openServices({ dir: join(dir, "services"), basePort, log: console.log });
  undo.push(async () => {
    for (const name of SERVICES.toReversed()) await services.stop(name);
  });
  await step("services", async () => {
    await services.startAll(SERVICES);
    return services.state.facts.mongodbServer;
  });
  const { MAIL_INBOX_URL, ...addresses } = services.environment();
  const databaseUrl = withDatabase(addresses.MONGODB_URL, `ashchat_faults_${seed}`);
  const ports = portsFromBase(await findFreePorts({ count: stackPortCount(REALTIME_COUNT) }), REALTIME_COUNT);
  const { startSurroundings } = await load("surroundings.ts");
  const own = { MONGODB_URL: databaseUrl, webPort: ports.web, realtimePorts: ports.realtime };
  const surroundings = await startSurroundings({ ...addresses, ...own });
  undo.push(surroundings.close);
  const namespace = `faults${process.pid}`;
  const env = stackEnvironment({ ...addresses, ...surroundings.env }, { ports, namespace, control: options.control });
  const logDir = join(dir, "logs");
  await step("migrations", async () => void (await runWorkerCommand("migrate", { env, logDir })));
  let stack;
  await step("processes", async () => {
    stack = await startStack({ env, ports, dir, realtimeCount: REALTIME_COUNT, signal: interrupted.signal });
    undo.push(stack.stop);
  });
  return {
    ...{ seed, messages: options.messages, faults: options.faults, ratePerSecond: options.rate },
    ...{
      registrations: options.registrations,
      restMs: options.restMs,
      agreeMs: options.agreeMs,
      stack,
      services,
      surroundings,
      namespace,
    },
    ...{ origin: env.PUBLIC_URL, inboxUrl: MAIL_INBOX_URL, databaseUrl, rabbitmqUrl: addresses.RABBITMQ_URL },
    logFolder: logDir,
  };
}

function stackEnvironment(addresses, { ports, namespace, control }) {
  const origin = `http://localhost:${ports.web}`;
  return {
    ...addresses,
    NODE_ENV: "test",
    LOG_LEVEL: "info",
    NAMESPACE: namespace,
    PUBLIC_URL: origin,
    ALLOWED_ORIGINS: origin,
    MAIL_FROM: "AshChat <no-reply@localhost>",
    NEXTAUTH_SECRET: newSecret(),
    CODE_SECRET: newSecret(),
    TRANSLATION_CACHE_SECRET: newSecret(),
    ...(control ? { SWEEP_DISABLED_FOR_TEST: "true" } : {}),
  };
}

/** The checker is worth something only if it notices a product that loses work. */
function controlResult({ verdict }) {
  const noticed = verdict.violations.filter(({ invariant }) => invariant === PENDING_INVARIANT);
  console.log(
    `without the rescue of pending work ${noticed.length} violations of invariant ${PENDING_INVARIANT} were found`,
  );
  const message = noticed.length > 0 ? null : "a stack without the rescue of pending work passed";
  return { title: "a stack without the rescue of pending work is rejected", message };
}

function keepLogs(dir, seed) {
  const kept = join(RESULTS, "logs", `faults-${seed}`);
  cpSync(join(dir, "logs"), kept, { recursive: true });
  console.log(`the logs are in ${kept}`);
}

/** One after the other: an interrupt waits for the stopping that is under way. */
function undoTo(length) {
  undoing = undoing.then(async () => {
    for (const stop of undo.splice(length).toReversed()) {
      await stop().catch((cause) => console.error(`stopping: ${describe(cause)}`));
    }
  });
  return undoing;
}

function conclude(results, file) {
  const failures = results.filter(({ message }) => message !== null);
  const passed = results.length - failures.length;
  for (const { title, message } of failures) console.log(`\nFAILED ${title}\n${message}`);
  if (file) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ name: "faults", passed, failures }));
  }
  console.log(`\n${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

const interrupt = () => {
  if (interrupted.signal.aborted) return;
  console.log("\nstopping …");
  interrupted.abort(new SetupError("The run was interrupted."));
  endCommands();
  void undoTo(0).then(() => process.exit(1));
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);

let options = {};
const results = await Promise.resolve()
  .then(() => main((options = readOptions())))
  .catch((cause) => [{ title: "faults › set-up", message: describe(cause) }]);
await undoTo(0);
conclude(results, options.report);
