import type * as z from "zod";
import { crashPointFrom, type CrashPoint } from "./crash-at";
import { describeEnv, EnvError, parseEnv, processEnv, type EnvSchema } from "./env";
import { startInternalServer, type ReadyChecks } from "./internal-server";
import { createLogger, type Logger } from "./logger";
import { createMetrics, type Metrics } from "./metrics";
import { createShutdown, type Shutdown } from "./shutdown";

export interface ProcessContext<Env> {
  readonly env: Env;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
  readonly crash: CrashPoint;
}

export interface RunningProcess {
  /** One per dependency, for `/readyz`. */
  readonly checks: ReadyChecks;
  /** Closed first of all, before the groups that were added to `shutdown`. */
  readonly close?: () => Promise<void> | void;
}

export interface ProcessOptions<Schema extends EnvSchema> {
  readonly name: string;
  readonly envSchema: Schema;
  readonly internalPort: (env: z.output<Schema>) => number;
  readonly start: (context: ProcessContext<z.output<Schema>>) => Promise<RunningProcess>;
}

const EXIT_FAILURE = 1;

/**
 * The frame of every process: parses the environment (all problems at once, then the end), logs, serves health and
 * metrics from the first moment on, ends in order on SIGTERM and SIGINT (a second one: at once), and ends with a failure
 * after an unhandled rejection or exception, because nobody knows in what state it is then.
 */
export async function runProcess<Schema extends EnvSchema>(options: ProcessOptions<Schema>): Promise<void> {
  const env = readEnv(options.envSchema);
  const base = readEnv(processEnv({}));
  const log = createLogger({ name: options.name, level: base.LOG_LEVEL, pretty: base.LOG_PRETTY });
  const metrics = createMetrics({ process: options.name });
  const shutdown = createShutdown({ log, timeoutMs: base.SHUTDOWN_TIMEOUT_MS });
  endOnSignals(shutdown, log);
  endOnBugs(log);
  try {
    let checks: ReadyChecks = { process: async () => ({ ok: false, detail: "starting" }) };
    const port = options.internalPort(env);
    const server = await startInternalServer({
      ...identity(options.name),
      host: base.INTERNAL_HOST,
      port,
      metrics,
      checks: () => checks,
    });
    shutdown.add("last", "internal server", () => server.close());
    const running = await options.start({ env, log, metrics, shutdown, crash: crashPointFrom(base) });
    if (running.close !== undefined) shutdown.add("intake", options.name, running.close);
    checks = running.checks;
    log.info({ internalPort: server.port, env: describeEnv(options.envSchema, env) }, "started");
  } catch (error) {
    log.fatal({ err: error }, "could not start");
    process.exit(EXIT_FAILURE);
  }
}

/** What this build is called: package version and commit, where the build recorded them. */
export function identity(name: string): { name: string; version: string; commit: string } {
  return {
    name,
    version: process.env["npm_package_version"] ?? "0.1.0",
    commit: process.env["COMMIT"] ?? "unknown",
  };
}

function readEnv<Schema extends EnvSchema>(schema: Schema): z.output<Schema> {
  try {
    return parseEnv(schema);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_FAILURE);
  }
}

function endOnSignals(shutdown: Shutdown, log: Logger): void {
  const end = (signal: NodeJS.Signals) => {
    if (shutdown.isRunning()) {
      log.fatal({ signal }, "ended at once");
      process.exit(EXIT_FAILURE);
    }
    void shutdown.run(signal).then((clean) => process.exit(clean ? 0 : EXIT_FAILURE));
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

function endOnBugs(log: Logger): void {
  const end = (what: string) => (error: unknown) => {
    log.fatal({ err: error }, what);
    process.exit(EXIT_FAILURE);
  };
  process.on("unhandledRejection", end("unhandled rejection"));
  process.on("uncaughtException", end("uncaught exception"));
}
