#!/usr/bin/env node
/**
 * node tools/services.mjs start   --dir DIR [--base-port N] [NAME…]   start all (or the named) services; they stay up
 * node tools/services.mjs stop    --dir DIR [NAME…]
 * node tools/services.mjs restart --dir DIR [NAME…]                   graceful stop, then start on the same port and data
 * node tools/services.mjs kill    --dir DIR NAME…                     SIGKILL, as a crash would be
 * node tools/services.mjs status  --dir DIR                           exit 1 when one does not run
 * Plain Node without dependencies: it also runs before packages are installed (but for the inbox).
 */
import { parseArgs } from "node:util";
import { SERVICE_NAMES, openServices } from "./services/index.mjs";
import { SetupError } from "./services/process.mjs";

const USAGE = "usage: node tools/services.mjs start|stop|restart|kill|status --dir DIR [--base-port N] [NAME…]";

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: "string" }, "base-port": { type: "string" } },
  });
  const [action, ...names] = positionals;
  const run = ACTIONS[action];
  if (!run || !values.dir) throw new SetupError(USAGE);
  const services = openServices({ dir: values.dir, basePort: values["base-port"] && Number(values["base-port"]) });
  await run(services, names);
}

const ACTIONS = {
  async start(services, names) {
    await startAll(services, names.length > 0 ? names : SERVICE_NAMES);
    for (const [key, value] of Object.entries(services.environment())) console.log(`${key}=${value}`);
  },
  async stop(services, names) {
    for (const name of (names.length > 0 ? names : SERVICE_NAMES).toReversed()) await services.stop(name);
  },
  async restart(services, names) {
    await ACTIONS.stop(services, names);
    await startAll(services, names.length > 0 ? names : SERVICE_NAMES);
  },
  async kill(services, names) {
    if (names.length === 0) throw new SetupError(`kill wants a name: ${SERVICE_NAMES.join(", ")}.`);
    for (const name of names) await services.kill(name);
  },
  async status(services) {
    for (const name of SERVICE_NAMES)
      console.log(`${name.padEnd(10)} ${services.alive(name) ? "runs" : "does not run"}`);
    if (!SERVICE_NAMES.every((name) => services.alive(name))) process.exitCode = 1;
  },
};

async function startAll(services, names) {
  const began = Date.now();
  await services.startAll(names);
  console.error(`${names.join(", ")}: up (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

main().catch((cause) => {
  console.error(cause instanceof SetupError ? cause.message : cause);
  process.exitCode = 1;
});
