import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUE_SCHEMAS, type QueueBody, type QueueName } from "@ashchat/contracts/queues";
import type { ConsumeMessage } from "amqplib";

/** What a handler gets besides the body. */
export interface JobContext {
  readonly correlationId: string;
  /** Failed tries before this one. */
  readonly tries: number;
  /** How often the broker delivered it before without an answer. */
  readonly deliveryCount: number;
}

export type ReadJob<Name extends QueueName> =
  | { readonly kind: "job"; readonly body: QueueBody<Name>; readonly context: JobContext }
  | { readonly kind: "poison"; readonly reason: string }
  /** The asker has stopped waiting. */
  | { readonly kind: "late" };

export const TRIES_HEADER = "x-ash-tries";
export const REASON_HEADER = "x-ash-reason";
export const QUEUE_HEADER = "x-ash-queue";
export const FAILED_AT_HEADER = "x-ash-failed-at";
const DELIVERIES_HEADER = "x-delivery-count";
const ISSUES_MAX = 5;

/** Reads an untrusted delivery: size, JSON, version and shape, in this order. */
export function readJob<Name extends QueueName>(queue: Name, message: ConsumeMessage, now: number): ReadJob<Name> {
  const { content } = message;
  if (content.length > LIMITS.queueMessageBytesMax)
    return { kind: "poison", reason: `too_large: ${content.length} bytes` };
  const value = parseJson(content);
  if (value === undefined) return { kind: "poison", reason: "malformed_json" };
  const parsed = QUEUE_SCHEMAS[queue].safeParse(value);
  if (!parsed.success) return { kind: "poison", reason: shapeProblem(value, parsed.error.issues) };
  // The schema of this very queue has just accepted it.
  const body = parsed.data as QueueBody<Name>;
  if ("deadlineAt" in body && body.deadlineAt < now) return { kind: "late" };
  const context = {
    correlationId: body.correlationId,
    tries: triesOf(message),
    deliveryCount: deliveryCountOf(message),
  };
  return { kind: "job", body, context };
}

export function triesOf(message: ConsumeMessage): number {
  return countHeader(message, TRIES_HEADER);
}

export function deliveryCountOf(message: ConsumeMessage): number {
  return countHeader(message, DELIVERIES_HEADER);
}

function countHeader({ properties }: ConsumeMessage, name: string): number {
  const value: unknown = properties.headers?.[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function parseJson(content: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(content.toString("utf8"));
    return value ?? null;
  } catch {
    return undefined;
  }
}

/** Names the fields, never their values: a reason is read in logs and dead-letter headers. */
function shapeProblem(
  value: unknown,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[],
): string {
  if (typeof value !== "object" || value === null) return "unknown_shape: not an object";
  if (!("v" in value) || value.v !== 1) return "unknown_version";
  const fields = issues.slice(0, ISSUES_MAX).map(({ path, code }) => `${path.map(String).join(".")} ${code}`);
  return `unknown_shape: ${fields.join(", ")}`.slice(0, 200);
}
