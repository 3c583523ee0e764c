import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../services/process.mjs";
import { ROOT, builtWorker, installed } from "../stack/definitions.mjs";
import { mustRun } from "../services/run.mjs";

const BUILD_MS = 900_000;
const MIGRATE_MS = 120_000;
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Builds what has changed since the last build (turbo's cache knows). */
export async function buildAll({ logDir }) {
  const logFile = join(logDir, "build.log");
  const turbo = join(ROOT, "node_modules", "turbo", "bin", "turbo");
  // A build is always a production build: only running processes know other modes.
  const env = { ...process.env, ...QUIET, NODE_ENV: "production" };
  const stdout = await mustRun("The build", [process.execPath, turbo, "run", "build"], {
    cwd: ROOT,
    env,
    logFile,
    timeoutMs: BUILD_MS,
  });
  return /FULL TURBO/.test(stdout) ? "nothing had changed" : undefined;
}

/** Runs one of the workers' commands (`migrate`, `demo`) and returns what it prints. */
export async function runWorkerCommand(name, { env, mode = "built", logDir }) {
  const source = join(ROOT, "apps", "workers", "src", name, "main.ts");
  const args =
    mode === "built"
      ? ["--enable-source-maps", builtWorker(name)]
      : [installed("apps/workers", "tsx/dist/cli.mjs"), source];
  const entry = args.at(-1);
  if (!existsSync(entry)) throw new SetupError(`${entry} is missing: run npm run build.`);
  const options = {
    cwd: ROOT,
    env: { ...process.env, ...env },
    logFile: join(logDir, `${name}.log`),
    timeoutMs: MIGRATE_MS,
  };
  return mustRun(name, [process.execPath, ...args], options);
}
