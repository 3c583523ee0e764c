#!/usr/bin/env node
/**
 * npm test: from a fresh clone, everything: packages, services on private ports and data, build, unit tests,
 * integration tests on real servers, e2e tests in a real browser, and the short run of people who write while everything
 * breaks. Closes with `N passed, N failed`; exit 1 if any failed, or a suite ran nothing or crashed.
 * node tools/test.mjs unit|int|e2e|faults [filter]   one part, optionally one workspace (`int db`) or the files whose path
 *                                                    contains the filter
 */
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openServices, SERVICE_NAMES } from "./services/index.mjs";
import { SERVICE_PORTS, findFreePorts } from "./services/ports.mjs";
import { SetupError } from "./services/process.mjs";
import { buildAll, runWorkerCommand } from "./setup/build.mjs";
import { withDatabase } from "./setup/environment.mjs";
import { ensurePackages, requireNode } from "./setup/install.mjs";
import { endCommands } from "./services/run.mjs";
import { describe, step as timed } from "./setup/steps.mjs";
import { portsFromBase, stackEnvironment, stackPortCount, startStack } from "./stack.mjs";
import { ROOT } from "./stack/definitions.mjs";
import { judgeQueries } from "./testing/queries.mjs";
import { RESULTS, browserPath, runFaults, runPlaywright, runVitest, workspacesWith } from "./testing/suites.mjs";
import { closingLine, crashed } from "./testing/totals.mjs";
import { addressVariables, testEnvironment } from "./testing/variables.mjs";

const PARTS = ["unit", "int", "e2e", "faults"];
const REALTIME_COUNT = 2;
/** For tests that start processes of their own. */
const OWN_PORTS = 100;

const dir = join(ROOT, ".data", `test-${process.pid}`);
const logDir = join(dir, "logs");
/** Where whoever speaks to the database writes down what was asked. */
const queryRecord = join(dir, "queries.ndjson");
const undo = [];
const results = [];
const interrupted = new AbortController();
const step = (name, run) => timed(name, run, interrupted.signal);

async function main([part, filter]) {
  if (part && !PARTS.includes(part)) throw new SetupError(`usage: node tools/test.mjs [${PARTS.join("|")}] [filter]`);
  requireNode();
  const parts = part ? [part] : PARTS;
  mkdirSync(logDir, { recursive: true });
  await step("packages", () => ensurePackages({ logDir }));
  if (parts.includes("unit")) await runUnit(filter);
  if (parts.includes("int") || parts.includes("e2e")) await runOnServers(parts, filter);
  if (parts.includes("faults"))
    results.push(await suite(() => runFaults({ env: testEnvironment({}), build: part === "faults" })));
}

async function runOnServers(parts, filter) {
  const addresses = await prepare();
  if (parts.includes("int")) await runInt(addresses, filter);
  if (parts.includes("e2e")) await runE2e(addresses, filter);
  // Some tests never touch the database.
  results.push(await suite(() => judgeQueries(queryRecord, { mayBeAbsent: filter !== undefined })));
  // What follows brings servers of its own, and the machine may be small.
  await undoAll();
}

async function runUnit(filter) {
  const env = testEnvironment({});
  for (const workspace of workspacesWith("unit", filter)) {
    results.push(await suite(() => runVitest({ workspace, kind: "unit", env })));
  }
}

/** Starts the services and builds; returns the addresses for the tests. A MONGODB_URL of the caller is used as it is. */
async function prepare() {
  const basePort = await findFreePorts({ count: SERVICE_PORTS });
  const services = openServices({ dir: join(dir, "services"), basePort, log: console.log });
  const wanted = SERVICE_NAMES.filter((name) => name !== "mongodb" || !process.env.MONGODB_URL);
  undo.push(async () => {
    for (const name of SERVICE_NAMES.toReversed()) await reopened(services).stop(name);
  });
  await step("services", async () => {
    await services.startAll(wanted);
    return wanted.includes("mongodb") ? services.state.facts.mongodbServer : "MongoDB at MONGODB_URL";
  });
  await step("build", () => buildAll({ logDir }));
  const addresses = services.environment();
  return { ...addresses, MONGODB_URL: addresses.MONGODB_URL ?? process.env.MONGODB_URL, servicesDir: services.dir };
}

/** Tests restart services through the command line, which writes new pids to the folder. */
function reopened(services) {
  return existsSync(join(services.dir, "services.json"))
    ? openServices({ dir: services.dir, log: console.log })
    : services;
}

async function runInt(addresses, filter) {
  const first = await findFreePorts({ count: OWN_PORTS });
  const env = testEnvironment({
    ...addressVariables(addresses),
    ASH_TEST_PORT_BASE: String(first),
    ASH_TEST_QUERY_RECORD: queryRecord,
    ASH_TEST_CHROMIUM: browserPath({ log: console.log }),
    ASH_TEST_LOG_DIR: logDir,
  });
  for (const workspace of workspacesWith("int", filter)) {
    results.push(await suite(() => runVitest({ workspace, kind: "int", env })));
  }
}

async function runE2e(addresses, filter) {
  const browser = browserPath({ log: console.log });
  const ports = portsFromBase(await findFreePorts({ count: stackPortCount(REALTIME_COUNT) }), REALTIME_COUNT);
  const env = e2eEnvironment(addresses, ports);
  let stack;
  await step("migrations", async () => void (await runWorkerCommand("migrate", { env, logDir })));
  await step("processes", async () => {
    const options = { env, ports, dir, realtimeCount: REALTIME_COUNT, supervise: true, log: console.log };
    stack = await startStack({ ...options, signal: interrupted.signal });
    undo.push(stack.stop);
  });
  const [realtime, realtime2] = stack.urls.realtime;
  const own = {
    ASH_TEST_BASE_URL: stack.urls.web,
    ASH_TEST_REALTIME_URL: realtime,
    ASH_TEST_REALTIME_URL_2: realtime2,
    ASH_TEST_CHROMIUM: browser,
    ASH_TEST_STACK_FILE: join(dir, "stack.json"),
    ASH_TEST_LOG_DIR: logDir,
  };
  const variables = { ...addressVariables(addresses), ...own, ASH_TEST_MONGODB_URL: env.MONGODB_URL };
  results.push(await suite(() => runPlaywright({ env: testEnvironment(variables), filter })));
}

function e2eEnvironment({ servicesDir: _servicesDir, MAIL_INBOX_URL: _inbox, ...addresses }, ports) {
  const MONGODB_URL = withDatabase(addresses.MONGODB_URL, `ashchat_e2e_${process.pid}`);
  const env = stackEnvironment({ ...addresses, MONGODB_URL }, { ports, namespace: `e2e${process.pid}` });
  return { ...env, TRANSLATION_ENGINES: "apertium", QUERY_RECORD_FOR_TEST: queryRecord };
}

async function suite(run) {
  interrupted.signal.throwIfAborted();
  return run();
}

/** Stops what was started, newest first. */
async function undoAll() {
  for (const stop of undo.splice(0).toReversed()) {
    await stop().catch((cause) => results.push(crashed("stopping", describe(cause))));
  }
}

/** Closes the run; the logs of a failed one stay in .test-results/logs. */
async function finish() {
  await undoAll();
  if (results.length === 0) results.push(crashed("tests", "nothing ran"));
  const failed = results.some(({ failures }) => failures.length > 0);
  if (failed && existsSync(logDir)) {
    cpSync(logDir, join(RESULTS, "logs"), { recursive: true });
    const services = join(dir, "services", "logs");
    if (existsSync(services)) cpSync(services, join(RESULTS, "logs", "services"), { recursive: true });
  }
  rmSync(dir, { recursive: true, force: true });
  for (const { title, message } of results.flatMap(({ failures }) => failures))
    console.log(`\nFAILED ${title}\n${message}`);
  console.log(`\n${closingLine(results)}`);
  process.exitCode = failed ? 1 : 0;
}

const interrupt = () => {
  if (interrupted.signal.aborted) return;
  console.log("\nstopping …");
  interrupted.abort(new SetupError("The tests were interrupted."));
  endCommands();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);

await main(process.argv.slice(2)).catch((cause) => results.push(crashed("set-up", describe(cause))));
await finish();
