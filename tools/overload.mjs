#!/usr/bin/env node
/**
 * npm run test:overload: more than the product can take (docs/reliability.md): clients that stop reading, a storm of
 * reconnecting clients, three times the load at which it reaches its limit. Ends with `N passed, N failed`; exit 1 when a promise was broken.
 * node tools/overload.mjs [stopped] [storm] [knee] [--seed N] [--report FILE] [--no-build] [--keep]
 */
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { SetupError } from "./services/process.mjs";
import { openCommand } from "./testing/command.mjs";
import { startPrivateStack } from "./testing/private-stack.mjs";

const SEED_MAX = 1_000_000;

const command = openCommand("overload");

function readOptions() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: text, report: text, keep: flag, "no-build": flag },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * SEED_MAX));
  if (!Number.isInteger(seed) || seed < 0) throw new SetupError("--seed is a whole number.");
  return { ...values, seed, wanted: positionals };
}

const load = (file) => tsImport(`../${file}`, import.meta.url);

async function main({ seed, wanted, keep, ...options }) {
  const { FULL_PLAN, SCENARIOS, runScenario } = await load("faults/src/overload/run-overload.ts");
  const unknown = wanted.find((name) => !SCENARIOS.includes(name));
  if (unknown) throw new SetupError(`No part is called ${unknown}; there are ${SCENARIOS.join(", ")}.`);
  await command.prepare({ build: !options["no-build"], keep });
  console.log(`seed ${seed}`);
  const results = [];
  for (const name of wanted.length > 0 ? wanted : SCENARIOS) {
    const findings = await command.scope(async () => {
      const { scene, logFolder } = await startScene(name);
      const found = await runScenario(name, { scene, plan: FULL_PLAN, seed });
      if (found.some(({ message }) => message !== null)) command.keepLogs(logFolder, name);
      return found;
    });
    results.push(...findings.map(({ title, message }) => ({ title: `overload › ${name} › ${title}`, message })));
  }
  return results;
}

/** Each part gets servers, data and processes of its own, so that none meets what another left behind. */
async function startScene(name) {
  const { startRecordingEngine } = await load("packages/translate/src/testing/recording-engine.ts");
  const surround = async () => {
    const engine = await startRecordingEngine(0, ENGINE_DELAY_MS);
    const env = { TRANSLATION_ENGINES: "libretranslate", LIBRETRANSLATE_URL: engine.url };
    return { env, close: engine.close };
  };
  const dir = `${command.dir}/${name}`;
  const started = await startPrivateStack(command, { dir, label: `overload_${name}`, surround });
  const { stack, ports, trueAddresses, namespace, env, logFolder, origin } = started;
  const began = Date.now();
  const scene = {
    ...{ origin, namespace, stack, realtimePort: ports.realtime[0] },
    internalUrl: stack.urls.internal.realtime,
    databaseUrl: trueAddresses.MONGODB_URL,
    redisUrl: trueAddresses.REDIS_URL,
    sessionSecret: env.NEXTAUTH_SECRET,
    log: (line) => console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`),
  };
  return { scene, logFolder };
}

/** What a translation takes somewhere else. */
const ENGINE_DELAY_MS = 20;

let options = {};
await command.run(() => main((options = readOptions())), { reportFile: () => options.report });
