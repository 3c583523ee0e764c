/**
 * The servers that AshChat needs, started privately in one folder: `DIR/services.json` records ports, pids and
 * addresses, `DIR/logs` the output, `DIR/<service>` the data, which stays between runs.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { apertium } from "./apertium.mjs";
import { inbox } from "./inbox.mjs";
import { mongodb } from "./mongodb.mjs";
import { installPackages } from "./packages.mjs";
import { portsFrom, requireFree } from "./ports.mjs";
import { SetupError, becomesTrue, isAlive, sendSignal } from "./process.mjs";
import { rabbitmq } from "./rabbitmq.mjs";
import { redis } from "./redis.mjs";

const SERVICES = [mongodb, redis, rabbitmq, apertium, inbox];
const DEATH_MS = 5000;

/** The names in the order of starting. */
export const SERVICE_NAMES = SERVICES.map((service) => service.name);

/** Opens the services of a folder; `basePort` (or single `ports`) is kept from the first start where not given. */
export function openServices({ dir, basePort, ports, log = console.error }) {
  const folder = resolve(dir);
  const file = join(folder, "services.json");
  const known = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  if (!known && !basePort && !ports) throw new SetupError(`No services were started in ${folder}: give --base-port.`);
  const state = {
    ports: ports ?? (basePort ? portsFrom(basePort) : known.ports),
    secrets: known?.secrets ?? { redis: randomBytes(24).toString("hex"), rabbitmq: randomBytes(24).toString("hex") },
    facts: known?.facts ?? {},
    records: known?.records ?? {},
  };
  return bind({ folder, file, state, log });
}

function bind({ folder, file, state, log }) {
  const chosen = {};
  const contextOf = (service) => ({
    dir: folder,
    ports: state.ports,
    secrets: state.secrets,
    facts: state.facts,
    records: state.records[service.name] ?? {},
    logFile: join(folder, "logs", `${service.name}.log`),
    chosen,
    log,
  });
  const save = () => writeState({ folder, file, state, env: environment() });
  const environment = () => Object.assign({}, ...started().map((service) => service.env(contextOf(service))));
  const started = () => SERVICES.filter((service) => state.records[service.name]);
  const alive = (name) => isAlive(state.records[name]?.main);

  async function start(name) {
    const service = named(name);
    if (alive(name)) return;
    for (const port of service.ports) {
      const ownEpmd = port === "epmd" && isAlive(state.records[name]?.epmd);
      if (!ownEpmd) await requireFree(state.ports[port], name);
    }
    state.records[name] = await service.start(contextOf(service));
    save();
  }

  /** Also forgets the service, so that a stopped one is not listed among the addresses. */
  async function stop(name) {
    const service = named(name);
    if (!state.records[name]) return;
    await service.stop(contextOf(service));
    delete state.records[name];
    save();
  }

  /** SIGKILL, as a crash would be; what belongs to the service besides its main process stays. */
  async function kill(name) {
    const service = named(name);
    const record = state.records[name]?.main;
    sendSignal(record, "SIGKILL", { group: service.group });
    await becomesTrue(() => !isAlive(record), DEATH_MS);
  }

  /** All at once, since most of the time is waiting; waits for all of them, then throws the first failure. */
  async function startAll(names) {
    const missing = await Promise.all(names.map((name) => named(name).missing(contextOf(named(name)))));
    installPackages(missing.flat(), { log });
    const failed = (await Promise.allSettled(names.map(start))).find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
  }

  const pids = () => Object.fromEntries(Object.entries(state.records).map(([name, { main }]) => [name, main?.pid]));

  return { startAll, stop, kill, alive, pids, environment, state, dir: folder };
}

function named(name) {
  const service = SERVICES.find((candidate) => candidate.name === name);
  if (!service) throw new SetupError(`No service is called ${name}; there are ${SERVICE_NAMES.join(", ")}.`);
  return service;
}

/** Written to a temporary file first: a reader never sees half of it. It holds passwords, so only the owner reads it. */
function writeState({ folder, file, state, env }) {
  mkdirSync(folder, { recursive: true });
  const put = (path, text) => {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  put(file, `${JSON.stringify({ ...state, env }, null, 2)}\n`);
  const lines = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  put(join(folder, "services.env"), `${lines.join("\n")}\n`);
}
