#!/usr/bin/env node
/**
 * npm run test:faults: people write while processes, servers and links are being broken; afterwards eleven invariants
 * are judged (docs/reliability.md). Ends with `N passed, N failed`, one result per invariant and seed; exit 1 on a violation.
 * node tools/faults.mjs [--profile short|long|soak] [--seed N[,N…]] [--messages N] [--faults N] [--rate N]
 *                       [--report FILE] [--no-build] [--keep]
 *                       [--minutes N] for the soak: five messages a second, a fault a minute, and memory is judged too
 *                       [--control]   without the rescue of pending work: passes only if the checker notices
 * node tools/faults.mjs --profile registration   instead: the whole programme about registrations and their codes
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { SetupError } from "./services/process.mjs";
import { openCommand } from "./testing/command.mjs";
import { startPrivateStack } from "./testing/private-stack.mjs";
import { judgeQueries } from "./testing/queries.mjs";
import { runRegistration } from "./testing/registration.mjs";

/** `agreeMs` is longer than the minute in which the servers audit what they announced. */
const PROFILES = {
  short: { messages: 2_000, faults: 12, rate: 60, registrations: 9, restMs: 300_000, agreeMs: 75_000, seeds: 1 },
  long: { messages: 10_000, faults: 50, rate: 60, registrations: 30, restMs: 600_000, agreeMs: 75_000, seeds: 5 },
  soak: { rate: 5, registrations: 9, restMs: 600_000, agreeMs: 75_000, seeds: 1 },
  registration: { messages: 0, faults: 0, rate: 0, seeds: 0 },
  // Nothing comes to rest in it, so little is waited for.
  control: { messages: 600, faults: 12, rate: 50, registrations: 0, restMs: 30_000, agreeMs: 0, seeds: 1 },
};
const REALTIME_COUNT = 2;
/** One of each kind lives through a soak: what rises in a life of ten minutes is how a heap takes its size. */
const SOAK_SPARED = ["web", "realtime-2"];
/** A process comes back while a server is away as well, and is ready when both are: on a loaded machine that takes its time. */
const READY_MS = 180_000;
const SEED_MAX = 1_000_000;
const SOAK_MINUTES = 60;
const SECONDS_PER_MINUTE = 60;
/** The invariant that a lost job breaks. */
const PENDING_INVARIANT = 7;

const command = openCommand("faults");

function readOptions() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const { values } = parseArgs({
    options: {
      ...{ profile: text, seed: text, messages: text, faults: text, rate: text, minutes: text, report: text },
      ...{ control: flag, keep: flag, "no-build": flag },
    },
  });
  const name = values.control ? "control" : (values.profile ?? "short");
  if (!PROFILES[name]) throw new SetupError("--profile is short, long, soak or registration.");
  const isSoak = name === "soak";
  if (values.minutes && !isSoak) throw new SetupError("--minutes belongs to --profile soak.");
  const profile = isSoak ? soakOf(Number(values.minutes ?? SOAK_MINUTES), values) : PROFILES[name];
  const number = (option) => Number(values[option] ?? profile[option]);
  const seeds = values.seed?.split(",").map(Number) ?? Array.from({ length: profile.seeds }, newSeed);
  const numbers = { messages: number("messages"), faults: number("faults"), rate: number("rate") };
  if ([...seeds, ...Object.values(numbers)].some((value) => !Number.isInteger(value) || value < 0)) {
    throw new SetupError("--seed, --messages, --faults and --rate are whole numbers.");
  }
  return { ...profile, ...numbers, ...values, seeds, isSoak };
}

/** Steady traffic for so many minutes, and a fault in each. */
function soakOf(minutes, { rate = PROFILES.soak.rate }) {
  return { ...PROFILES.soak, messages: minutes * SECONDS_PER_MINUTE * Number(rate), faults: minutes };
}

const newSeed = () => Math.floor(Math.random() * SEED_MAX);

async function main(options) {
  await command.prepare({ build: !options["no-build"], keep: options.keep });
  if (options.profile === "registration") return command.scope(() => runRegistration(command));
  const results = [];
  for (const seed of options.seeds) {
    const own = { ...options, seed, dir: join(command.dir, `seed-${seed}`) };
    results.push(...(await command.scope(() => runSeed(own))));
  }
  return results;
}

/** A run on servers, data and processes of its own. */
async function runSeed(options) {
  const { seed, control, isSoak } = options;
  const run = await prepare(options);
  console.log(`seed ${seed}: ${options.messages} messages, ${options.faults} faults`);
  const began = Date.now();
  const log = (line) => console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const { runFaults } = await load("run-faults.ts");
  const { describeRun, memoryResult, resultsOf } = await load("report.ts");
  const report = await runFaults({ ...run, log });
  console.log(describeRun(report));
  const results = control ? [controlResult(report)] : resultsOf(report.verdict);
  if (isSoak) results.push(memoryResult(report));
  results.push(await queriesResult(run.queryRecord));
  const broken = results.filter(({ message }) => message !== null);
  // Told at once: the summary comes only when every seed has run.
  console.log(`seed ${seed}: ${results.length - broken.length} of ${results.length} held`);
  for (const { title, message } of broken) console.log(`  ✗ ${title}: ${message}`);
  if (broken.length > 0) command.keepLogs(run.logFolder, seed);
  return results.map(({ title, message }) => ({ title: `faults › seed ${seed} › ${title}`, message }));
}

const load = (file) => tsImport(`../faults/src/run/${file}`, import.meta.url);

async function prepare(options) {
  const { dir, seed, messages, faults, rate, registrations, restMs, agreeMs, control, isSoak } = options;
  const { startSurroundings } = await load("surroundings.ts");
  const queryRecord = join(dir, "queries.ndjson");
  const started = await startPrivateStack(command, {
    ...{ dir, label: `faults_${seed}`, realtimeCount: REALTIME_COUNT, surround: startSurroundings, readyMs: READY_MS },
    env: { QUERY_RECORD_FOR_TEST: queryRecord, ...(control ? { SWEEP_DISABLED_FOR_TEST: "true" } : {}) },
  });
  const { stack, services, surroundings, namespace, origin, inboxUrl, logFolder, trueAddresses } = started;
  return {
    ...{ seed, messages, faults, ratePerSecond: rate, registrations, restMs, agreeMs },
    ...{ stack, services, surroundings, namespace, origin, inboxUrl, logFolder, queryRecord },
    spared: isSoak ? SOAK_SPARED : [],
    ...{ databaseUrl: trueAddresses.MONGODB_URL, rabbitmqUrl: trueAddresses.RABBITMQ_URL },
  };
}

/** Also what processes ask of the database while it breaks, and when they come back, is served by a declared index. */
async function queriesResult(file) {
  const { failures } = await judgeQueries(file);
  const problems = failures.map(({ title, message }) => `${title}: ${message}`);
  const message = problems.length === 0 ? null : problems.join("\n");
  return { title: "every database command is served by an index and has known operators", message };
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

let options = {};
await command.run(() => main((options = readOptions())), { reportFile: () => options.report });
