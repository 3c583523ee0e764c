import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import { withCorrelation } from "@ashchat/runtime/correlation";
import { TimeoutError, withTimeout } from "@ashchat/runtime/timeout";
import { Queue, UnrecoverableError, Worker, type Job, type RepeatOptions } from "bullmq";
import { Redis } from "ioredis";
import { reconnectDelayMs } from "./client";

/**
 * Work by the clock, on BullMQ. Any number of processes may run the same schedules: each turn is done by one of them. A
 * turn that fails is tried again a few times; what is kept of finished turns is bounded.
 */
export type Schedule = {
  readonly name: string;
  /** Throws when it did not work; must be safe to repeat. */
  readonly handler: () => Promise<void>;
} & ({ readonly everyMs: number } | { /** In UTC. */ readonly cron: string });

export interface JobsOptions {
  readonly url: string;
  readonly namespace: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly schedules: readonly Schedule[];
}

export interface Jobs {
  /** Turns under way are finished. */
  close(): Promise<void>;
}

const QUEUE = "jobs";
const TRIES = 3;
const RETRY_FIRST_MS = 1_000;
const KEPT_DONE = 100;
const KEPT_FAILED = 500;
const SCHEDULES_MAX = 100;
const FIRST_SCHEDULE_MS = 3_000;

/**
 * Resolves when the schedules are made, or after a few seconds without Redis. They are made again with every connection,
 * because a Redis that comes back may have forgotten them.
 */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { namespace, log } = options;
  const connections = [connect(options, "jobs-queue"), connect(options, "jobs-worker")] as const;
  const prefix = `${namespace}:bull`;
  const queue = new Queue(QUEUE, { connection: connections[0], prefix });
  queue.on("error", (error) => log.warn({ err: error }, "the job queue has a problem"));
  const scheduled = new Promise<void>((resolve, reject) => {
    const make = createMaker(() => schedule(queue, options.schedules), {
      onMade: resolve,
      onError: (error) => {
        log.warn({ err: error }, "schedules could not be made");
        reject(error instanceof Error ? error : new Error("schedules could not be made", { cause: error }));
      },
    });
    connections[0].on("ready", make);
    if (connections[0].status === "ready") make();
  });
  await withTimeout(scheduled, FIRST_SCHEDULE_MS, "making schedules").catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
    log.warn({ err: error }, "schedules are made when Redis comes");
  });
  const worker = new Worker(QUEUE, (job) => run(options, job), { connection: connections[1], prefix, concurrency: 1 });
  worker.on("error", (error) => log.warn({ err: error }, "the job worker has a problem"));
  worker.on("failed", (job, error) => log.error({ err: error, job: job?.name }, "a scheduled job failed"));
  return {
    close: async () => {
      connections[0].removeAllListeners("ready");
      await worker.close();
      await queue.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}

/** Never twice at a time: who asks while it runs gets another run after it. A failed one is tried again with the next ask. */
function createMaker(
  make: () => Promise<void>,
  { onMade, onError }: { onMade: () => void; onError: (error: unknown) => void },
): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await make().then(onMade, onError);
    }
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) void run();
  };
}

/** Unlike everywhere else, a command waits for Redis here: BullMQ's blocking reads do not survive otherwise. */
function connect({ url, namespace, log }: JobsOptions, purpose: string): Redis {
  const connection = new Redis(url, {
    connectionName: `${namespace}-${purpose}`,
    maxRetriesPerRequest: null,
    retryStrategy: reconnectDelayMs,
  });
  connection.on("error", (error: unknown) => log.warn({ err: error, purpose }, "redis connection failed"));
  return connection;
}

/** Makes the schedules as they are now and removes those of an earlier version. */
async function schedule(queue: Queue, schedules: readonly Schedule[]): Promise<void> {
  const known = await queue.getJobSchedulers(0, SCHEDULES_MAX);
  for (const { key, every, pattern } of known) {
    const entry = schedules.find(({ name }) => name === key);
    const repeat = entry === undefined ? null : repeatOf(entry);
    // One with another interval begins anew: BullMQ would go on counting from the place of the turns in the old interval.
    if (repeat?.every !== every || repeat?.pattern !== pattern) await queue.removeJobScheduler(key);
  }
  for (const entry of schedules) {
    await queue.upsertJobScheduler(entry.name, repeatOf(entry), {
      name: entry.name,
      opts: {
        attempts: TRIES,
        backoff: { type: "exponential", delay: RETRY_FIRST_MS },
        removeOnComplete: { count: KEPT_DONE },
        removeOnFail: { count: KEPT_FAILED },
      },
    });
  }
}

function repeatOf(entry: Schedule): RepeatOptions {
  return "everyMs" in entry ? { every: entry.everyMs } : { pattern: entry.cron, tz: "UTC" };
}

async function run({ schedules, log, metrics }: JobsOptions, job: Job): Promise<void> {
  const entry = schedules.find(({ name }) => name === job.name);
  if (entry === undefined) throw new UnrecoverableError(`no schedule ${job.name}`);
  await withCorrelation(null, async () => {
    const startedAt = performance.now();
    await entry.handler();
    const tookMs = Math.round(performance.now() - startedAt);
    metrics.counter("jobs_done_total", "Scheduled jobs that were done", ["job"]).inc({ job: entry.name });
    log.debug({ job: entry.name, tookMs }, "job done");
  });
}
