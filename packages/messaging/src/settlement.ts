import { isAppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import type { ConsumeMessage } from "amqplib";
import { FAILED_AT_HEADER, QUEUE_HEADER, REASON_HEADER, TRIES_HEADER, triesOf } from "./job";
import type { Outgoing } from "./sender";
import type { QueueFurniture, Topology } from "./topology";

/** How a try ended. `retry` comes again after a delay until its tries are used up; `poison` would fail for ever. */
export type JobOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "reply"; readonly body: unknown }
  | { readonly kind: "retry"; readonly error: unknown }
  | { readonly kind: "poison"; readonly reason: string };

export interface Settlement {
  /** What must be confirmed before the delivery may be acknowledged; null: nothing. */
  readonly publish: Outgoing | null;
  readonly label: "done" | "retried" | "dead";
  readonly reason: string | null;
}

const REASON_CHARS_MAX = 200;

/** Pure: where a delivery goes after its try. */
export function settle(
  topology: Topology,
  furniture: QueueFurniture,
  { message, outcome, now }: { message: ConsumeMessage; outcome: JobOutcome; now: number },
): Settlement {
  switch (outcome.kind) {
    case "done":
      return { publish: null, label: "done", reason: null };
    case "reply":
      return { publish: replyTo(message, outcome.body), label: "done", reason: null };
    case "poison":
      return dead(topology, furniture, { message, reason: outcome.reason, tries: triesOf(message), now });
    case "retry":
      return retry(topology, furniture, { message, error: outcome.error, now });
  }
}

function retry(
  topology: Topology,
  furniture: QueueFurniture,
  { message, error, now }: { message: ConsumeMessage; error: unknown; now: number },
): Settlement {
  const tries = triesOf(message) + 1;
  const reason = nameOf(error);
  const room = furniture.retries[Math.min(tries, furniture.retries.length) - 1];
  if (tries >= LIMITS.queueTriesMax || room === undefined) {
    return dead(topology, furniture, { message, reason: `gave_up: ${reason}`, tries, now });
  }
  const headers = { [TRIES_HEADER]: tries, [REASON_HEADER]: reason };
  const publish = { exchange: "", routingKey: room.name, content: message.content, headers };
  return { publish, label: "retried", reason };
}

function dead(
  { deadExchange }: Topology,
  { queue }: QueueFurniture,
  { message, reason, tries, now }: { message: ConsumeMessage; reason: string; tries: number; now: number },
): Settlement {
  const headers = {
    [REASON_HEADER]: reason.slice(0, REASON_CHARS_MAX),
    [TRIES_HEADER]: tries,
    [QUEUE_HEADER]: queue,
    [FAILED_AT_HEADER]: new Date(now).toISOString(),
  };
  // Larger than anything that we publish: its beginning is enough to see what it was.
  const content = message.content.subarray(0, LIMITS.queueMessageBytesMax);
  return { publish: { exchange: deadExchange, routingKey: queue, content, headers }, label: "dead", reason };
}

function replyTo({ properties }: ConsumeMessage, body: unknown): Outgoing | null {
  const { replyTo: address, correlationId }: { replyTo?: unknown; correlationId?: unknown } = properties;
  if (typeof address !== "string" || typeof correlationId !== "string") return null;
  const content = Buffer.from(JSON.stringify(body));
  return { exchange: "", routingKey: address, content, properties: { correlationId }, transient: true };
}

/** A code or a class name: never the message of an error, which may quote what it is about. */
function nameOf(error: unknown): string {
  if (isAppError(error)) return error.code;
  return error instanceof Error ? error.name : "failed";
}
