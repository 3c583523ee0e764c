import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import { withCorrelation } from "@ashchat/runtime/correlation";
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

export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { namespace, log } = options;
  const connections = [connect(options, "jobs-queue"), connect(options, "jobs-worker")] as const;
  const prefix = `${namespace}:bull`;
  const queue = new Queue(QUEUE, { connection: connections[0], prefix });
  queue.on("error", (error) => log.warn({ err: error }, "the job queue has a problem"));
  await schedule(queue, options.schedules);
  const worker = new Worker(QUEUE, (job) => run(options, job), { connection: connections[1], prefix, concurrency: 1 });
  worker.on("error", (error) => log.warn({ err: error }, "the job worker has a problem"));
  worker.on("failed", (job, error) => log.error({ err: error, job: job?.name }, "a scheduled job failed"));
  return {
    close: async () => {
      await worker.close();
      await queue.close();
      for (const connection of connections) connection.disconnect();
    },
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
  const wanted = new Set(schedules.map(({ name }) => name));
  for (const { key } of await queue.getJobSchedulers(0, SCHEDULES_MAX)) {
    if (!wanted.has(key)) await queue.removeJobScheduler(key);
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
