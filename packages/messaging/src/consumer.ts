import { LIMITS } from "@ashchat/contracts/limits";
import type { QueueBody, QueueName } from "@ashchat/contracts/queues";
import type { Clock } from "@ashchat/runtime/clock";
import { withCorrelation } from "@ashchat/runtime/correlation";
import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import { TimeoutError, withTimeout } from "@ashchat/runtime/timeout";
import { createIntake, type Delivery, type Intake } from "./intake";
import { readJob, type JobContext } from "./job";
import type { Sender } from "./sender";
import { settle, type JobOutcome } from "./settlement";
import type { Topology } from "./topology";

/**
 * Turns deliveries into calls of a handler and its outcomes into what happens on the broker. A delivery is acknowledged
 * only after its effect: the handler's own, or the confirm of its copy in the retry or dead-letter queue. Where that copy
 * cannot be published, the delivery goes back to its queue after a while.
 */
export type JobHandler<Name extends QueueName> = (body: QueueBody<Name>, context: JobContext) => Promise<JobOutcome>;

export interface BatchJob<Name extends QueueName> {
  readonly body: QueueBody<Name>;
  readonly context: JobContext;
}
/** One outcome per job, in the same order. */
export type BatchHandler<Name extends QueueName> = (jobs: readonly BatchJob<Name>[]) => Promise<readonly JobOutcome[]>;

export interface ConsumerOptions<Name extends QueueName> {
  readonly queue: Name;
  readonly handler: BatchHandler<Name>;
  readonly prefetch: number;
  readonly batchMax: number;
  readonly batchWaitMs: number;
  readonly handlerTimeoutMs?: number;
}

export interface ConsumerParts {
  readonly topology: Topology;
  readonly sender: Sender;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

interface Job<Name extends QueueName> {
  readonly delivery: Delivery;
  readonly job: BatchJob<Name>;
}

/** Long enough for a broker that is short of memory, short enough for the person who waits. */
const GIVE_BACK_AFTER_MS = 1_000;

export function createConsumer<Name extends QueueName>(parts: ConsumerParts, options: ConsumerOptions<Name>): Intake {
  const { queue, prefetch, batchMax, batchWaitMs } = options;
  return createIntake({
    queue,
    queueName: parts.topology.queues[queue].name,
    prefetch,
    bundleMax: batchMax,
    bundleWaitMs: batchWaitMs,
    bundlesMax: Math.max(1, Math.floor(prefetch / batchMax)),
    log: parts.log,
    work: (bundle) => workOff(parts, options, bundle),
  });
}

async function workOff<Name extends QueueName>(
  parts: ConsumerParts,
  options: ConsumerOptions<Name>,
  bundle: readonly Delivery[],
): Promise<void> {
  const jobs: Job<Name>[] = [];
  const ended: Promise<void>[] = [];
  for (const delivery of bundle) {
    const read = readJob(options.queue, delivery.message, parts.clock.now());
    if (read.kind === "job") jobs.push({ delivery, job: read });
    else if (read.kind === "poison") ended.push(end(parts, options.queue, { delivery, outcome: read }));
    else ended.push(end(parts, options.queue, { delivery, outcome: { kind: "done" } }));
  }
  if (jobs.length > 0) ended.push(handle(parts, options, jobs));
  await Promise.all(ended);
}

async function handle<Name extends QueueName>(
  parts: ConsumerParts,
  options: ConsumerOptions<Name>,
  jobs: readonly Job<Name>[],
): Promise<void> {
  const startedAt = performance.now();
  const outcomes = await outcomesOf(parts, options, jobs);
  parts.metrics
    .histogram("queue_handler_seconds", "How long handlers take", { labels: ["queue"] })
    .observe({ queue: options.queue }, (performance.now() - startedAt) / 1_000);
  await Promise.all(
    jobs.map(({ delivery, job }, index) => {
      const outcome: JobOutcome = outcomes[index] ?? {
        kind: "retry",
        error: new Error("the handler gave too few outcomes"),
      };
      return withCorrelation(job.context.correlationId, () => end(parts, options.queue, { delivery, outcome }));
    }),
  );
}

/** Never rejects. A batch that throws is handled again job by job: the one that breaks the handler fails nobody else's. */
async function outcomesOf<Name extends QueueName>(
  parts: ConsumerParts,
  options: ConsumerOptions<Name>,
  jobs: readonly Job<Name>[],
): Promise<readonly JobOutcome[]> {
  const { log } = parts;
  const { queue, handler, handlerTimeoutMs = LIMITS.handlerTimeoutMs } = options;
  const [first] = jobs;
  return withCorrelation(first?.job.context.correlationId, async () => {
    try {
      const outcomes = await withTimeout(
        handler(jobs.map(({ job }) => job)),
        handlerTimeoutMs,
        `the handler of ${queue}`,
      );
      if (outcomes.length === jobs.length) return outcomes;
      throw new Error(`${outcomes.length} outcomes for ${jobs.length} jobs`);
    } catch (error) {
      log.error({ err: error, queue, jobs: jobs.length }, "a handler failed");
      // One that hangs is not asked again at once: it may be slow, and what it did so far goes on.
      if (jobs.length > 1 && !(error instanceof TimeoutError)) {
        return (await Promise.all(jobs.map((job) => outcomesOf(parts, options, [job])))).flat();
      }
      return jobs.map(() => ({ kind: "retry", error }));
    }
  });
}

/** Settles one delivery; never rejects. */
async function end(
  parts: ConsumerParts,
  queue: QueueName,
  { delivery, outcome }: { delivery: Delivery; outcome: JobOutcome },
): Promise<void> {
  const { topology, sender, log, metrics, clock } = parts;
  const settlement = settle(topology, topology.queues[queue], { message: delivery.message, outcome, now: clock.now() });
  const published = settlement.publish === null ? null : await sender.send(settlement.publish);
  const { messageId }: { messageId?: unknown } = delivery.message.properties;
  if (published?.ok === false && outcome.kind !== "reply") {
    log.warn({ queue, messageId, err: published.error }, "a delivery could not be set aside and goes back");
    setTimeout(() => delivery.giveBack(), GIVE_BACK_AFTER_MS);
    return;
  }
  // A reply that is lost is asked for again: the request carries everything and may be repeated.
  if (published?.ok === false) log.warn({ queue, messageId, err: published.error }, "a reply was lost");
  if (settlement.label === "dead")
    log.error({ queue, messageId, reason: settlement.reason }, "a queue message was set aside");
  if (settlement.label === "retried")
    log.warn({ queue, messageId, reason: settlement.reason }, "a queue message comes again");
  metrics
    .counter("queue_consumed_total", "Deliveries by outcome", ["queue", "outcome"])
    .inc({ queue, outcome: settlement.label });
  delivery.done();
}
