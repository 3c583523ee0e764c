import { LIMITS } from "@ashchat/contracts/limits";
import type { QueueName } from "@ashchat/contracts/queues";
import type { Logger } from "@ashchat/runtime/logger";
import type { Channel, ConsumeMessage } from "amqplib";
import { createAckRow, type AckRow } from "./ack-row";
import type { Session } from "./connection";
import { deliveryCountOf } from "./job";

/**
 * Takes deliveries from one queue and hands them to `work` in bundles. One line per session (channel + consumer).
 *
 *   cautious   one delivery at a time; every line begins so
 *   full       `prefetch` deliveries in memory, `bundlesMax` bundles at once; after CALM deliveries without suspicion
 *
 * A delivery that came back unanswered again and again may be what kills its consumer, and each kill counts for all that
 * was in memory: meeting one leads from full to cautious, where only the culprit is counted. To change the mode the
 * consumer is cancelled, what is in memory is worked off, and a new consumer begins with the other prefetch.
 */
export interface Delivery {
  readonly message: ConsumeMessage;
  /** The effect is durable. */
  done(): void;
  /** Back to the queue; counts as one delivery. */
  giveBack(): void;
}

export interface IntakeOptions {
  readonly queue: QueueName;
  readonly queueName: string;
  readonly prefetch: number;
  readonly bundleMax: number;
  readonly bundleWaitMs: number;
  readonly bundlesMax: number;
  readonly log: Logger;
  /** Settles every delivery of the bundle; never rejects. */
  readonly work: (bundle: readonly Delivery[]) => Promise<void>;
}

export interface Intake {
  attach(session: Session): Promise<void>;
  detach(): void;
  /** No new deliveries; resolves when those under way are settled. */
  close(): Promise<void>;
}

interface Line {
  readonly session: Session;
  readonly channel: Channel;
  readonly row: AckRow;
  readonly buffer: ConsumeMessage[];
  /** Everything unanswered, by delivery tag: acknowledging takes the message. */
  readonly held: Map<number, ConsumeMessage>;
  mode: "cautious" | "full";
  calmLeft: number;
  consumerTag: string | null;
  /** Consuming and cancelling, one after the other. */
  steps: Promise<void>;
  running: number;
  flushing: boolean;
  closing: boolean;
  bundleTimer: NodeJS.Timeout | null;
  bundleDue: boolean;
  readonly onIdle: Set<() => void>;
}

/** Deliveries without suspicion before many are taken at once: at the start, and after meeting a suspicious one. */
const CALM_AT_START = 1;
const CALM_AFTER_SUSPICION = 20;

export function createIntake(options: IntakeOptions): Intake {
  let line: Line | null = null;
  let isClosed = false;
  return {
    attach: async (session) => {
      const channel = await session.model.createChannel();
      if (isClosed) return channel.close();
      const next = newLine(session, channel);
      channel.on("error", (error) => session.end(`the channel of ${options.queue} failed`, error));
      channel.on("close", () => {
        if (!next.closing) session.end(`the channel of ${options.queue} was closed`);
      });
      line = next;
      await startConsuming(next, options);
    },
    detach: () => {
      if (line !== null) dropBuffer(line);
      line = null;
    },
    close: async () => {
      isClosed = true;
      const last = line;
      line = null;
      if (last !== null) await closeLine(last);
    },
  };
}

function newLine(session: Session, channel: Channel): Line {
  return {
    session,
    channel,
    row: createAckRow(),
    buffer: [],
    held: new Map(),
    mode: "cautious",
    calmLeft: CALM_AT_START,
    consumerTag: null,
    steps: Promise.resolve(),
    running: 0,
    flushing: false,
    closing: false,
    bundleTimer: null,
    bundleDue: false,
    onIdle: new Set(),
  };
}

async function startConsuming(line: Line, options: IntakeOptions): Promise<void> {
  await line.channel.prefetch(line.mode === "full" ? options.prefetch : 1, false);
  const { consumerTag } = await line.channel.consume(options.queueName, (message) => receive(line, options, message), {
    noAck: false,
  });
  line.consumerTag = consumerTag;
}

function receive(line: Line, options: IntakeOptions, message: ConsumeMessage | null): void {
  if (message === null) {
    line.session.end(`the broker ended the consumer of ${options.queue}`);
    return;
  }
  line.row.arrived(message.fields.deliveryTag);
  line.held.set(message.fields.deliveryTag, message);
  line.buffer.push(message);
  if (deliveryCountOf(message) >= LIMITS.queueCautionDeliveries) {
    line.calmLeft = CALM_AFTER_SUSPICION;
    if (line.mode === "full") changeMode(line, options, "cautious");
  }
  pump(line, options);
}

function pump(line: Line, options: IntakeOptions): void {
  tellIdle(line);
  if (line.closing || !line.session.isAlive()) return;
  const bundlesMax = line.mode === "full" ? options.bundlesMax : 1;
  while (line.buffer.length > 0 && line.running < bundlesMax && isBundleReady(line, options)) {
    line.bundleDue = false;
    if (line.bundleTimer !== null) clearTimeout(line.bundleTimer);
    line.bundleTimer = null;
    startBundle(line, options, line.buffer.splice(0, line.mode === "full" ? options.bundleMax : 1));
  }
}

/** A bundle goes when it is full, when it has waited long enough, or when nothing is gathered at all. */
function isBundleReady(line: Line, options: IntakeOptions): boolean {
  const gathers = options.bundleMax > 1 && options.bundleWaitMs > 0 && line.mode === "full";
  if (!gathers || line.bundleDue || line.buffer.length >= options.bundleMax) return true;
  line.bundleTimer ??= setTimeout(() => {
    line.bundleTimer = null;
    line.bundleDue = true;
    pump(line, options);
  }, options.bundleWaitMs);
  return false;
}

function startBundle(line: Line, options: IntakeOptions, messages: readonly ConsumeMessage[]): void {
  line.running += 1;
  void options.work(messages.map((message) => deliveryOf(line, message))).finally(() => {
    line.running -= 1;
    grow(line, options, messages);
    pump(line, options);
  });
}

function grow(line: Line, options: IntakeOptions, messages: readonly ConsumeMessage[]): void {
  if (line.mode === "full") return;
  const calm = messages.filter((message) => deliveryCountOf(message) < LIMITS.queueCautionDeliveries).length;
  line.calmLeft -= calm;
  if (line.calmLeft <= 0 && !line.closing) changeMode(line, options, "full");
}

function changeMode(line: Line, options: IntakeOptions, mode: Line["mode"]): void {
  line.mode = mode;
  line.steps = line.steps
    .then(async () => {
      const tag = line.consumerTag;
      line.consumerTag = null;
      if (tag !== null) await line.channel.cancel(tag);
      if (mode === "cautious") await whenIdle(line);
      if (!line.closing && line.session.isAlive()) await startConsuming(line, options);
    })
    .catch((error: unknown) => line.session.end(`the consumer of ${options.queue} could not be changed`, error));
}

function deliveryOf(line: Line, message: ConsumeMessage): Delivery {
  const tag = message.fields.deliveryTag;
  return {
    message,
    done: () => {
      line.row.finished(tag);
      flushSoon(line);
    },
    giveBack: () => {
      // Closing the channel gives back what is unanswered; a word on a closed one would break the whole session.
      if (line.closing) return;
      line.row.returned(tag);
      line.held.delete(tag);
      if (line.session.isAlive()) onChannel(line, () => line.channel.nack(message, false, true));
    },
  };
}

/** Once per turn of the event loop: what finished together is acknowledged together. */
function flushSoon(line: Line): void {
  if (line.flushing) return;
  line.flushing = true;
  setImmediate(() => {
    line.flushing = false;
    flush(line);
  });
}

function flush(line: Line): void {
  if (!line.session.isAlive()) return;
  const { allUpTo, single } = line.row.take();
  onChannel(line, () => {
    acknowledge(line, allUpTo, true);
    for (const tag of single) acknowledge(line, tag, false);
  });
}

function acknowledge(line: Line, tag: number | null, allUpTo: boolean): void {
  const message = tag === null ? undefined : line.held.get(tag);
  if (message === undefined) return;
  line.channel.ack(message, allUpTo);
  for (const older of line.held.keys()) {
    if (older === tag) break;
    if (allUpTo) line.held.delete(older);
  }
  line.held.delete(message.fields.deliveryTag);
}

/** A channel that broke in this very turn throws; its deliveries come back with the next session. */
function onChannel(line: Line, act: () => void): void {
  try {
    act();
  } catch (error) {
    line.session.end("the channel is closed", error);
  }
}

function tellIdle(line: Line): void {
  if (line.running > 0 || line.buffer.length > 0) return;
  for (const idle of line.onIdle) idle();
  line.onIdle.clear();
}

function whenIdle(line: Line): Promise<void> {
  if (line.running === 0 && line.buffer.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    line.onIdle.add(resolve);
  });
}

/** What was not begun comes back by itself when the channel closes. */
function dropBuffer(line: Line): void {
  line.closing = true;
  line.buffer.length = 0;
  if (line.bundleTimer !== null) clearTimeout(line.bundleTimer);
  tellIdle(line);
}

async function closeLine(line: Line): Promise<void> {
  dropBuffer(line);
  await line.steps;
  if (!line.session.isAlive()) return;
  if (line.consumerTag !== null) await line.channel.cancel(line.consumerTag);
  line.buffer.length = 0;
  await whenIdle(line);
  flush(line);
  await line.channel.close();
}
