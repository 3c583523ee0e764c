import { crashPointFrom } from "@ashchat/runtime/crash-at";
import { describeEnv, EnvError } from "@ashchat/runtime/env";
import { startInternalServer, type ReadyChecks } from "@ashchat/runtime/internal-server";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { identity } from "@ashchat/runtime/process";
import { webEnvSchema } from "@ashchat/runtime/processes";
import { createShutdown } from "@ashchat/runtime/shutdown";
import { services } from "./container";
import { readWebEnv, type WebEnv } from "./env";
import { notePeers } from "./http/note-peers";
import { endOnSignals } from "./signals";
import { keepProcess, knownProcess, type WebProcess } from "./web-process";

const EXIT_FAILURE = 1;
const NAME = "web";

/** Parses the environment, serves health and metrics, connects. Ends the process where the environment is not complete. */
export async function startWeb(): Promise<void> {
  if (knownProcess() !== null) return;
  const env = readEnvOrEnd();
  const log = createLogger({ name: NAME, level: env.LOG_LEVEL, pretty: env.LOG_PRETTY });
  const web = keepProcess({
    env,
    log,
    metrics: createMetrics({ process: NAME }),
    shutdown: createShutdown({ log, timeoutMs: env.SHUTDOWN_TIMEOUT_MS }),
    crash: crashPointFrom(env),
    services: null,
  });
  // next-auth has no other way to learn the origin that users open.
  // oxlint-disable-next-line no-restricted-properties -- written for a library, not read
  process.env["NEXTAUTH_URL"] = env.PUBLIC_URL;
  notePeers();
  try {
    await serve(web);
  } catch (error) {
    log.fatal({ err: error }, "could not start");
    process.exit(EXIT_FAILURE);
  }
}

/** Never logs what a page was asked with, only what it threw. */
export function logRequestError(error: unknown, at: { method: string; route: string; type: string }): void {
  knownProcess()?.log.error({ err: error, ...at }, "a page or route failed");
}

async function serve(web: WebProcess): Promise<void> {
  const { env, log, metrics, shutdown } = web;
  let checks: ReadyChecks = { process: async () => ({ ok: false, detail: "starting" }) };
  const internal = await startInternalServer({
    ...identity(NAME),
    host: env.INTERNAL_HOST,
    port: env.WEB_INTERNAL_PORT,
    metrics,
    checks: () => checks,
  });
  shutdown.add("last", "internal server", () => internal.close());
  endOnSignals(web, internal.port);
  const opened = await services();
  await refuseStandIn(web, opened.database);
  checks = opened.checks;
  log.info({ internalPort: internal.port, env: describeEnv(webEnvSchema, env) }, "started");
}

/** A server that only speaks MongoDB's protocol is for development. One that is away is asked by nobody: nothing is known. */
async function refuseStandIn(
  { env }: WebProcess,
  database: { server(): Promise<{ ok: true; value: { isStandIn: boolean } } | { ok: false }> },
): Promise<void> {
  if (env.NODE_ENV !== "production") return;
  const server = await database.server();
  if (server.ok && server.value.isStandIn) throw new Error("production does not run on the stand-in for MongoDB");
}

function readEnvOrEnd(): WebEnv {
  try {
    return readWebEnv();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_FAILURE);
  }
}
