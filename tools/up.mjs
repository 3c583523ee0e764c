#!/usr/bin/env node
/**
 * npm run up [-- --demo|--dev]: from a fresh clone to the running product, with plain Node.
 * Installs packages, makes a development .env, gets the backing services, builds, migrates, starts every process and
 * prints the addresses. Ctrl-C stops everything that this command started, in order, and nothing else. Data stays in
 * .data/. `--dev` runs the sources with reload, `--demo` fills in accounts with a conversation.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SetupError, isAlive, recordOf } from "./services/process.mjs";
import { getServices } from "./setup/backing.mjs";
import { buildAll, runWorkerCommand } from "./setup/build.mjs";
import { ensureEnvFile, newSecret, readEnvironment } from "./setup/environment.mjs";
import { ensurePackages, requireNode } from "./setup/install.mjs";
import { endCommands } from "./services/run.mjs";
import { describe, step as timed, together } from "./setup/steps.mjs";
import { portsOf, prepareStack, startStack } from "./stack.mjs";
import { ROOT } from "./stack/definitions.mjs";

const DATA = join(ROOT, ".data");
const LOGS = join(DATA, "logs");
const READYZ_MS = 5000;
const OWN_RECORD = join(DATA, "up.json");

const { values: flags } = parseArgs({ options: { demo: { type: "boolean" }, dev: { type: "boolean" } } });
const mode = flags.dev ? "watch" : "built";

/** What to undo at the end, newest first. */
const undo = [];
const interrupted = new AbortController();
let ended;

/** Lets the current step notice the interruption and end, then undoes what was done. Idempotent. */
function stopAll(current) {
  ended ??= (async () => {
    interrupted.abort(new SetupError("interrupted"));
    endCommands();
    await current.catch(() => {}); // its failure is only the echo of the interruption, or was reported before
    for (const stop of undo.splice(0).toReversed()) await stop();
  })();
  return ended;
}

/** Two at once would share data and ports. */
function claim() {
  mkdirSync(LOGS, { recursive: true });
  if (existsSync(OWN_RECORD)) {
    const other = JSON.parse(readFileSync(OWN_RECORD, "utf8"));
    if (isAlive(other)) throw new SetupError(`AshChat already runs here (process ${other.pid}); end that one first.`);
  }
  writeFileSync(OWN_RECORD, JSON.stringify(recordOf(process.pid)));
  undo.push(() => rmSync(OWN_RECORD, { force: true }));
}

/** The variables of the processes: .env, then defaults for this machine; secrets are made up outside production only. */
function completeEnvironment(env) {
  const ports = portsOf(env);
  const complete = {
    NODE_ENV: "development",
    PUBLIC_URL: `http://localhost:${ports.web}`,
    REALTIME_PUBLIC_URL: `ws://localhost:${ports.realtime[0]}`,
    MAIL_FROM: "AshChat <no-reply@localhost>",
    ...env,
  };
  if (complete.NODE_ENV === "production") return complete;
  for (const name of ["NEXTAUTH_SECRET", "CODE_SECRET", "TRANSLATION_CACHE_SECRET"]) complete[name] ??= newSecret();
  return complete;
}

async function main(signal) {
  const step = (name, run) => timed(name, run, signal);
  requireNode();
  claim();
  await step("packages", () => ensurePackages({ logDir: LOGS }));
  if (ensureEnvFile()) console.log("✓ made a development .env with random secrets");
  let env = completeEnvironment(readEnvironment());
  await prepareStack({ env, ports: portsOf(env), dir: DATA, mode });
  const services = step("services", async () => {
    const found = await getServices({ env, dir: join(DATA, "services"), log: console.log, undo });
    env = { ...found.env, ...env };
    return found.from;
  });
  const build = mode === "built" ? step("build", () => buildAll({ logDir: LOGS })) : undefined;
  await together(services, build);
  await step("migrations", async () => void (await runWorkerCommand("migrate", { env, mode, logDir: LOGS })));
  let stack;
  await step("processes", async () => {
    stack = await startStack({
      env,
      ports: portsOf(env),
      dir: DATA,
      mode,
      supervise: true,
      log: console.error,
      signal,
    });
    undo.push(stack.stop);
  });
  if (flags.demo) await step("demo", async () => showDemo(await runWorkerCommand("demo", { env, mode, logDir: LOGS })));
  await showAddresses(stack, env);
}

/** The command prints one JSON line per account, between its log lines. */
function showDemo(output) {
  const accounts = output.split("\n").flatMap((line) => {
    const found = /^\{.*"email".*\}$/.test(line) ? JSON.parse(line) : {};
    return found.email && found.password ? [found] : [];
  });
  console.log("  Demo accounts:");
  for (const { email, password, language } of accounts) console.log(`    ${email}   ${password}   (reads ${language})`);
}

async function showAddresses(stack, env) {
  console.log(`\n  AshChat      ${env.PUBLIC_URL}`);
  if (env.MAIL_INBOX_URL) console.log(`  Mail inbox   ${env.MAIL_INBOX_URL}   (codes for signing up arrive here)`);
  console.log(`  Database     ${await databaseName(stack)}`);
  console.log(`  Logs         ${LOGS}`);
  console.log("  Ctrl-C stops everything that was started here.\n");
}

/** As the web process's readiness names it. */
async function databaseName(stack) {
  const response = await fetch(`${stack.urls.internal.web}/readyz`, { signal: AbortSignal.timeout(READYZ_MS) });
  const { dependencies } = await response.json();
  return dependencies?.mongodb?.detail ?? "see /readyz";
}

const current = main(interrupted.signal);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) return;
    console.log("\nstopping …");
    void stopAll(current).then(() => {
      console.log("Everything that was started here has stopped; the data stays in .data/.");
      process.exit(0);
    });
  });
}

await current.catch(async (cause) => {
  if (!interrupted.signal.aborted) console.error(describe(cause));
  await stopAll(current);
  process.exitCode = 1;
});
