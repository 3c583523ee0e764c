import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES, type QueueName } from "@ashchat/contracts/queues";
import type { Channel, ChannelModel, Options } from "amqplib";

/**
 * The broker's furniture as data. For every queue Q of the contracts, each name with the namespace in front:
 *
 *   work ──Q──▶ Q ──(delivery limit)──▶ dead ──Q──▶ Q.dead            `work` has the alternate exchange `unrouted`
 *                ◀──(time is up)── Q.retry.n ◀── published by the consumer after a failed try
 *
 * All queues are quorum queues: a confirmed message survives the crash of the broker. Dead-lettering is at least once,
 * for which a queue must refuse publishing when it is full. Declaring is idempotent; other arguments for the same name
 * are refused by the broker (406), so a change of them needs a new name.
 */
export interface QueueFurniture {
  readonly queue: QueueName;
  readonly name: string;
  readonly deadName: string;
  /** The waiting room of the n-th retry, in order. */
  readonly retries: readonly { readonly name: string; readonly delayMs: number }[];
}

export interface Topology {
  readonly workExchange: string;
  readonly deadExchange: string;
  readonly unroutedExchange: string;
  readonly unroutedName: string;
  readonly queues: Readonly<Record<QueueName, QueueFurniture>>;
}

/** Fast enough for a blip, slow enough for an outage of a minute; one fewer than the tries of a job. */
export const RETRY_DELAYS_MS = [1_000, 5_000, 15_000, 60_000] as const;
/** Newer brokers give every quorum queue a limit; whoever looks into a dead-letter queue must not use it up. */
const NO_DELIVERY_LIMIT = 1_000_000;

export function topologyOf(namespace: string, retryDelaysMs: readonly number[] = RETRY_DELAYS_MS): Topology {
  const furniture = (queue: QueueName): QueueFurniture => ({
    queue,
    name: `${namespace}.${queue}`,
    deadName: `${namespace}.${queue}.dead`,
    // Nobody waits for the answer to an old question.
    retries:
      queue === QUEUES.confirmEmailCode
        ? []
        : retryDelaysMs.map((delayMs, index) => ({ name: `${namespace}.${queue}.retry.${index + 1}`, delayMs })),
  });
  return {
    workExchange: `${namespace}.work`,
    deadExchange: `${namespace}.dead`,
    unroutedExchange: `${namespace}.unrouted`,
    unroutedName: `${namespace}.unrouted`,
    queues: {
      ACCOUNT_CREATION_QUEUE: furniture(QUEUES.accountCreation),
      CONFIRM_EMAIL_CODE_QUEUE: furniture(QUEUES.confirmEmailCode),
      PROFILE_CREATION_QUEUE: furniture(QUEUES.profileCreation),
      TRANSLATION_QUEUE: furniture(QUEUES.translation),
    },
  };
}

/**
 * Declares everything, or, where this user may not configure the broker, makes sure that somebody has. Rejects where
 * something is missing.
 */
export async function ensureTopology(model: Pick<ChannelModel, "createChannel">, topology: Topology): Promise<void> {
  try {
    await onChannel(model, (channel) => declareTopology(channel, topology));
  } catch (error) {
    if (!isAccessRefused(error)) throw error;
    await onChannel(model, (channel) => findTopology(channel, topology));
  }
}

/** A channel of its own: a refusal ends it. */
async function onChannel(
  model: Pick<ChannelModel, "createChannel">,
  use: (channel: Channel) => Promise<void>,
): Promise<void> {
  const channel = await model.createChannel();
  // The rejection of what was under way says the same.
  channel.on("error", () => undefined);
  await use(channel);
  await channel.close();
}

function isAccessRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === ACCESS_REFUSED;
}

/** Of the protocol (AMQP 0-9-1, reply codes). */
const ACCESS_REFUSED = 403;

async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  await channel.assertExchange(topology.unroutedExchange, "fanout", { durable: true });
  await channel.assertExchange(topology.workExchange, "direct", {
    durable: true,
    alternateExchange: topology.unroutedExchange,
  });
  await channel.assertExchange(topology.deadExchange, "direct", { durable: true });
  await channel.assertQueue(topology.unroutedName, keptQueue());
  await channel.bindQueue(topology.unroutedName, topology.unroutedExchange, "");
  // One after the other: a first start makes all of them, and the broker elects a leader for each.
  for (const furniture of Object.values(topology.queues)) await declareQueue(channel, topology, furniture);
}

/** Asks for every name; needs no right but to connect. */
async function findTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const name of exchangesOf(topology)) await channel.checkExchange(name);
  for (const name of queueNamesOf(topology)) await channel.checkQueue(name);
}

/** Every queue and exchange that `declareTopology` makes; for the clean-up of tests. */
export async function deleteTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const name of queueNamesOf(topology)) await channel.deleteQueue(name);
  for (const name of exchangesOf(topology)) await channel.deleteExchange(name);
}

function exchangesOf({ workExchange, deadExchange, unroutedExchange }: Topology): string[] {
  return [workExchange, deadExchange, unroutedExchange];
}

function queueNamesOf({ queues, unroutedName }: Topology): string[] {
  const names = Object.values(queues).flatMap(({ name, deadName, retries }) => [
    ...[name, deadName],
    ...retries.map((retry) => retry.name),
  ]);
  return [...names, unroutedName];
}

async function declareQueue(channel: Channel, topology: Topology, furniture: QueueFurniture): Promise<void> {
  const { name, deadName, retries, queue } = furniture;
  await channel.assertQueue(deadName, keptQueue());
  await channel.bindQueue(deadName, topology.deadExchange, queue);
  await channel.assertQueue(
    name,
    workQueue(topology.deadExchange, queue, { "x-delivery-limit": LIMITS.queueDeliveryLimit }),
  );
  await channel.bindQueue(name, topology.workExchange, queue);
  for (const retry of retries) {
    await channel.assertQueue(retry.name, workQueue(topology.workExchange, queue, { "x-message-ttl": retry.delayMs }));
  }
}

/** What leaves the queue goes to `exchange` under `routingKey`. */
function workQueue(exchange: string, routingKey: string, more: Record<string, number>): Options.AssertQueue {
  return {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": LIMITS.queueLengthMax,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": exchange,
      "x-dead-letter-routing-key": routingKey,
      "x-dead-letter-strategy": "at-least-once",
      ...more,
    },
  };
}

/** A place of no return: nobody consumes it, and the oldest go when it is full. */
function keptQueue(): Options.AssertQueue {
  return {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": LIMITS.queueLengthMax,
      "x-overflow": "drop-head",
      "x-delivery-limit": NO_DELIVERY_LIMIT,
    },
  };
}
