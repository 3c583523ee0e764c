/**
 * Starts AshChat's own processes against given services and stops exactly those again. Used by `npm run up`, the e2e
 * runner and tests that crash processes.
 *
 *   const stack = await startStack({ env, ports: portsFromBase(24_000, 2), dir, realtimeCount: 2 });
 *   await stack.kill("translation", "SIGKILL"); await stack.restart("translation"); await stack.stop();
 *
 * Each process leads a process group of its own, so that Ctrl-C in a terminal reaches only the caller, who stops them
 * in order; `dir/stack.json` records them, so that the next start ends what a killed caller left behind.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { requireFree } from "./services/ports.mjs";
import {
  SetupError,
  answers,
  becomesTrue,
  isAlive,
  sendSignal,
  startDetached,
  stopProcess,
  tailOf,
  waitReady,
} from "./services/process.mjs";
import { defineProcesses } from "./stack/definitions.mjs";
import { completeStandalone } from "./stack/web-files.mjs";

export { PROCESS_NAMES, portsFromBase, portsOf, stackPortCount } from "./stack/definitions.mjs";
export { stackEnvironment } from "./stack/environment.mjs";
export { READERS } from "./stack/logins.mjs";

const READY_MS = 60_000;
const STOP_GRACE_MS = 12_000;
const WATCH_EVERY_MS = 500;
const FIRST_BACKOFF_MS = 1000;
const MAX_RESTARTS = 8;
/** A process that lived so long starts again with the shortest backoff. */
const STEADY_MS = 60_000;

/**
 * Starts the processes and waits until each is ready. `env` holds every variable but the ports; `mode` is `built` or
 * `watch`; with `supervise` a process that dies is reported through `log` and restarted, at most 8 times in a row. An
 * abort of `signal` while they start ends them again.
 */
export async function startStack(options) {
  const { env, dir, mode = "built", supervise = false, log = () => {}, signal } = options;
  const folder = resolve(dir);
  const definitions = defineProcesses(options);
  await prepareStack(options);
  if (mode === "built" && definitions.some(({ name }) => name === "web")) completeStandalone();
  const running = new Map(
    definitions.map((definition) => [definition.name, createProcess({ definition, env, folder })]),
  );
  const save = () => saveRecords(folder, running);
  const stop = once(async () => {
    supervisor.abort(new SetupError("the stack is stopped"));
    await stopAll([...running.values()]);
    save();
  });
  const supervisor = new AbortController();
  try {
    await Promise.all([...running.values()].map((one) => one.start()));
    save();
    const ready = Promise.all([...running.values()].map((one) => one.ready(options.readyMs ?? READY_MS)));
    await Promise.race([ready, aborted(signal)]);
  } catch (cause) {
    await stop();
    throw cause;
  }
  if (supervise) for (const one of running.values()) void keepAlive({ one, log, save, signal: supervisor.signal });
  const find = (name) => running.get(name) ?? fail(`no process is called ${name}`);
  return {
    urls: urlsOf(options, definitions),
    get pids() {
      return Object.fromEntries([...running].map(([name, one]) => [name, one.record?.pid]));
    },
    logFile: (name) => find(name).logFile,
    kill: (name, signal = "SIGKILL") => find(name).kill(signal),
    /** Ends it if it runs and starts it (not after `stop`), with `extra` variables (such as CRASH_AT) for this run only. */
    async restart(name, extra = {}) {
      const one = find(name);
      await one.stop();
      await startUnlessStopped(one, supervisor.signal, extra);
      supervisor.signal.throwIfAborted();
      save();
      await one.ready(options.readyMs ?? READY_MS);
    },
    /** Resolves when the process has ended by itself; false after the deadline. */
    ended: (name, deadlineMs) => becomesTrue(() => !find(name).alive(), deadlineMs),
    stop,
  };
}

/** Ends what a killed caller left behind in `dir` and throws a sentence if one of the ports is taken by somebody else. */
export async function prepareStack(options) {
  await stopLeftovers(resolve(options.dir));
  for (const { name, ports } of defineProcesses(options)) for (const port of ports) await requireFree(port, name);
}

function createProcess({ definition, env, folder }) {
  const { name } = definition;
  const logFile = join(folder, "logs", `${name}.log`);
  if (existsSync(logFile)) renameSync(logFile, join(folder, "logs", `${name}.previous.log`));
  const one = {
    name,
    logFile,
    record: undefined,
    startedAt: 0,
    async start(extra = {}) {
      const variables = { ...process.env, ...env, ...definition.env, ...extra };
      one.record = await startDetached({ command: process.execPath, ...definition, env: variables, logFile });
      one.startedAt = Date.now();
    },
    alive: () => isAlive(one.record),
    ready: (deadlineMs) =>
      waitReady({
        name,
        record: one.record,
        ready: () => answers(`${definition.internalUrl}/readyz`),
        logFile,
        deadlineMs,
      }),
    stop: () => stopProcess(one.record, { graceMs: STOP_GRACE_MS }),
    /** With SIGSTOP and SIGCONT it returns at once, with the others when the process is gone. */
    async kill(signal) {
      sendSignal(one.record, signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await becomesTrue(() => !one.alive(), STOP_GRACE_MS);
    },
  };
  return one;
}

/** First those that take in work, then those that do it. */
async function stopAll(processes) {
  const takesIn = ({ name }) => name === "web" || name.startsWith("realtime");
  await Promise.all(processes.filter(takesIn).map((one) => one.stop()));
  await Promise.all(processes.filter((one) => !takesIn(one)).map((one) => one.stop()));
}

/** Leaves it ended where the stack is stopped, also while this one is being started. */
async function startUnlessStopped(one, signal, extra) {
  if (signal.aborted) return;
  await one.start(extra);
  if (signal.aborted) await one.stop();
}

async function keepAlive({ one, log, save, signal }) {
  let deaths = 0;
  while (!signal.aborted) {
    await delay(WATCH_EVERY_MS);
    if (signal.aborted || one.alive()) continue;
    deaths = Date.now() - one.startedAt > STEADY_MS ? 1 : deaths + 1;
    const tail = `the end of ${one.logFile}:\n${tailOf(one.logFile)}`;
    if (deaths > MAX_RESTARTS) return log(`${one.name} ended ${deaths} times in a row and stays down; ${tail}`);
    const wait = FIRST_BACKOFF_MS * 2 ** (deaths - 1);
    log(`${one.name} has ended; it starts again in ${wait / 1000} s; ${tail}`);
    await delay(wait);
    await startUnlessStopped(one, signal);
    save();
  }
}

/** Rejects when the signal aborts; never settles otherwise. */
function aborted(signal) {
  return new Promise((_, reject) => {
    const interrupt = () => reject(new SetupError("interrupted"));
    if (signal?.aborted) interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
  });
}

function urlsOf({ ports, realtimeCount = 1 }, definitions) {
  return {
    web: `http://localhost:${ports.web}`,
    realtime: ports.realtime.slice(0, realtimeCount).map((port) => `ws://localhost:${port}`),
    internal: Object.fromEntries(definitions.map(({ name, internalUrl }) => [name, internalUrl])),
  };
}

async function stopLeftovers(folder) {
  const file = join(folder, "stack.json");
  if (!existsSync(file)) return;
  const records = Object.values(JSON.parse(readFileSync(file, "utf8")));
  await Promise.all(records.map((record) => stopProcess(record, { graceMs: STOP_GRACE_MS })));
}

function saveRecords(folder, running) {
  mkdirSync(folder, { recursive: true });
  const alive = [...running].filter(([, one]) => one.alive()).map(([name, one]) => [name, one.record]);
  writeFileSync(join(folder, "stack.json"), JSON.stringify(Object.fromEntries(alive)));
}

function once(run) {
  let result;
  return () => (result ??= run());
}

function fail(message) {
  throw new Error(message);
}
