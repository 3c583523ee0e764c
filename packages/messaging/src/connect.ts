import type { AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import type { ConfirmEmailCodeReply, QueueBody, QueueName } from "@ashchat/contracts/queues";
import type { Result } from "@ashchat/contracts/result";
import { systemClock, type Clock } from "@ashchat/runtime/clock";
import type { Readiness } from "@ashchat/runtime/internal-server";
import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import { withTimeout } from "@ashchat/runtime/timeout";
import { openConnection, type BrokerConnection, type Session } from "./connection";
import { createConsumer, type BatchHandler, type ConsumerOptions, type JobHandler } from "./consumer";
import { countMessages, readDeadLetters, type DeadLetter } from "./inspector";
import type { Intake } from "./intake";
import { createRequester, type Requester, type RequestQueue } from "./requester";
import { createSender, type Outgoing, type Sender } from "./sender";
import { ensureTopology, topologyOf, type Topology } from "./topology";

export interface MessagingOptions {
  readonly url: string;
  readonly namespace: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Shown in the broker's list of connections. */
  readonly name?: string;
  readonly clock?: Clock;
  /** How long the start waits for the broker before it goes on without; the connections keep trying. */
  readonly connectWaitMs?: number;
  /** Other processes must declare the same; tests alone set it. */
  readonly retryDelaysMs?: readonly number[];
}

export interface Messaging {
  readonly publisher: {
    /** Resolves when the broker has it on disk. Refused with `overloaded`, `unavailable` or `timeout`, never thrown. */
    publish<Name extends QueueName>(queue: Name, body: QueueBody<Name>): Promise<Result<void, AppError>>;
    /** Best effort: without a connection it is dropped and counted at once. */
    offer<Name extends QueueName>(queue: Name, body: QueueBody<Name>): void;
  };
  /** Asks and waits for the answer until `body.deadlineAt`, at most LIMITS.rpcTimeoutMs. */
  request(queue: RequestQueue, body: QueueBody<RequestQueue>): Promise<Result<ConfirmEmailCodeReply, AppError>>;
  consume<Name extends QueueName>(queue: Name, handler: JobHandler<Name>, options?: ConsumeOptions): Consumer;
  consumeBatches<Name extends QueueName>(queue: Name, handler: BatchHandler<Name>, options?: BatchOptions): Consumer;
  queueLength(queue: QueueName): Promise<Result<number, AppError>>;
  /** The oldest letters with their reasons; nothing is taken out. */
  deadLetters(queue: QueueName, limit?: number): Promise<Result<DeadLetter[], AppError>>;
  ready(): Promise<Readiness>;
  /** Consumers finish what they have begun, then what is in flight is confirmed, then the connections close. */
  close(): Promise<void>;
}

export interface ConsumeOptions {
  readonly prefetch?: number;
  readonly handlerTimeoutMs?: number;
}
export interface BatchOptions extends ConsumeOptions {
  readonly batchMax?: number;
  readonly batchWaitMs?: number;
}
export interface Consumer {
  /** Resolves when what it has begun is finished, or is left to the next consumer because it takes too long. */
  close(): Promise<void>;
}

interface Parts {
  readonly options: MessagingOptions;
  readonly topology: Topology;
  readonly sender: Sender;
  readonly requester: Requester;
  readonly intakes: Set<Intake>;
  publishing: BrokerConnection | null;
  consuming: BrokerConnection | null;
  publishSession: Session | null;
  consumeSession: Session | null;
}

/** Long enough for a broker that is there. */
const FIRST_CONNECT_MS = 5_000;
/** Less than the time in which a process must end. */
const CLOSE_TIMEOUT_MS = 8_000;
const DEAD_LETTERS_SHOWN = 100;

/**
 * Publishing and consuming have a connection each: a broker that is short of memory stops reading from publishers, and
 * acknowledgements must get through then more than ever.
 */
export async function connectMessaging(options: MessagingOptions): Promise<Messaging> {
  const parts = createParts(options);
  const { name = "ashchat", log, url, connectWaitMs = FIRST_CONNECT_MS } = options;
  parts.publishing = await openConnection({
    url,
    log,
    name: `${name} publisher`,
    open: (session) => openPublishing(parts, session),
    lost: () => {
      parts.publishSession = null;
      parts.sender.detach();
      parts.requester.detach();
    },
  });
  parts.consuming = await openConnection({
    url,
    log,
    name: `${name} consumer`,
    open: (session) => openConsuming(parts, session),
    lost: () => {
      parts.consumeSession = null;
      for (const intake of parts.intakes) intake.detach();
    },
  });
  await Promise.all([parts.publishing.waitUntilUp(connectWaitMs), parts.consuming.waitUntilUp(connectWaitMs)]);
  return messagingOf(parts);
}

function createParts(options: MessagingOptions): Parts {
  const topology = topologyOf(options.namespace, options.retryDelaysMs);
  const clock = options.clock ?? systemClock;
  const sender = createSender({ blocked: () => parts.publishing?.blocked() ?? null });
  const requester = createRequester({
    sender,
    outgoing: (queue, body) => outgoingOf(topology, queue, body),
    now: () => clock.now(),
  });
  const parts: Parts = {
    options,
    topology,
    sender,
    requester,
    intakes: new Set(),
    publishing: null,
    consuming: null,
    publishSession: null,
    consumeSession: null,
  };
  return parts;
}

async function openPublishing(parts: Parts, session: Session): Promise<void> {
  await ensureTopology(session.model, parts.topology);
  const channel = await session.model.createConfirmChannel();
  channel.on("error", (error) => session.end("the publishing channel failed", error));
  channel.on("close", () => session.end("the publishing channel was closed"));
  await parts.requester.attach(channel);
  parts.publishSession = session;
  parts.sender.attach(channel);
}

async function openConsuming(parts: Parts, session: Session): Promise<void> {
  await ensureTopology(session.model, parts.topology);
  parts.consumeSession = session;
  await Promise.all([...parts.intakes].map((intake) => intake.attach(session)));
}

function messagingOf(parts: Parts): Messaging {
  const { topology, requester } = parts;
  const openChannel = () => parts.publishSession?.model.createChannel() ?? null;
  return {
    publisher: {
      publish: (queue, body) => publish(parts, queue, body),
      offer: (queue, body) => offer(parts, queue, body),
    },
    request: (queue, body) => requester.request(queue, body),
    consume: (queue, handler, { prefetch = LIMITS.queuePrefetch, ...more } = {}) =>
      startConsumer(parts, {
        queue,
        handler: async (jobs) => Promise.all(jobs.map(({ body, context }) => handler(body, context))),
        prefetch,
        batchMax: 1,
        batchWaitMs: 0,
        ...more,
      }),
    consumeBatches: (queue, handler, { prefetch = LIMITS.queuePrefetch, ...more } = {}) =>
      startConsumer(parts, {
        queue,
        handler,
        prefetch,
        batchMax: LIMITS.translateBatchTextsMax,
        batchWaitMs: LIMITS.translateBatchWaitMs,
        ...more,
      }),
    queueLength: (queue) => countMessages(openChannel, topology.queues[queue].name),
    deadLetters: (queue, limit = DEAD_LETTERS_SHOWN) =>
      readDeadLetters(openChannel, { queueName: topology.queues[queue].deadName, limit }),
    ready: () => readiness(parts, openChannel),
    close: () => close(parts),
  };
}

function outgoingOf({ workExchange }: Topology, queue: QueueName, body: unknown): Outgoing {
  return { exchange: workExchange, routingKey: queue, content: Buffer.from(JSON.stringify(body)) };
}

async function publish(parts: Parts, queue: QueueName, body: unknown): Promise<Result<void, AppError>> {
  const result = await parts.sender.send(outgoingOf(parts.topology, queue, body));
  parts.options.metrics
    .counter("queue_published_total", "Published messages by result", ["queue", "result"])
    .inc({ queue, result: result.ok ? "confirmed" : result.error.code });
  return result;
}

function offer(parts: Parts, queue: QueueName, body: unknown): void {
  const { metrics } = parts.options;
  if (!parts.sender.isUp()) {
    metrics.counter("queue_offers_dropped_total", "Offers dropped without a connection", ["queue"]).inc({ queue });
    return;
  }
  // Never rejects; what is lost is counted by its result.
  void publish(parts, queue, body);
}

function startConsumer<Name extends QueueName>(parts: Parts, options: ConsumerOptions<Name>): Consumer {
  const { topology, sender, intakes } = parts;
  const { log, metrics, clock = systemClock } = parts.options;
  const intake = createConsumer({ topology, sender, log, metrics, clock }, options);
  intakes.add(intake);
  const session = parts.consumeSession;
  if (session !== null) {
    intake.attach(session).catch((error: unknown) => session.end(`consuming ${options.queue} failed`, error));
  }
  return {
    close: async () => {
      intakes.delete(intake);
      await inTime(parts, intake.close());
    },
  };
}

async function readiness(parts: Parts, openChannel: Parameters<typeof countMessages>[0]): Promise<Readiness> {
  const server = parts.publishing?.server() ?? null;
  if (server === null || parts.consumeSession === null) return { ok: false, detail: "not connected" };
  const blocked = parts.publishing?.blocked() ?? null;
  if (blocked !== null) return { ok: false, detail: `${server}, accepts no messages: ${blocked}` };
  const answered = await countMessages(openChannel, parts.topology.unroutedName);
  return answered.ok ? { ok: true, detail: server } : { ok: false, detail: `${server}, does not answer` };
}

async function close(parts: Parts): Promise<void> {
  const intakes = [...parts.intakes];
  parts.intakes.clear();
  const finished = Promise.all(intakes.map((intake) => intake.close())).then(() => parts.sender.drain());
  await inTime(parts, finished);
  await Promise.all([parts.consuming?.close(), parts.publishing?.close()]);
}

/** What is not finished by then comes again: the broker has no answer for it. */
async function inTime({ options: { log } }: Parts, finished: Promise<unknown>): Promise<void> {
  try {
    await withTimeout(finished, CLOSE_TIMEOUT_MS, "finishing the jobs under way");
  } catch (error) {
    log.warn({ err: error }, "jobs were left to the next consumer");
  }
}
