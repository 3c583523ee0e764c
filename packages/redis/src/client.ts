import { appError, isAppError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Logger } from "@ashchat/runtime/logger";
import { withTimeout } from "@ashchat/runtime/timeout";
import { Redis } from "ioredis";

/**
 * One connection that comes back for ever. While it is away every call fails at once: what lives in Redis may be missed,
 * waiting for it may not.
 */
export interface RedisOptions {
  readonly url: string;
  /** In front of every key and channel. */
  readonly namespace: string;
  readonly log: Logger;
}

export type Key = (...parts: readonly string[]) => string;

const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 2_000;
const FIRST_CONNECT_MS = 3_000;
const KEEP_ALIVE_MS = 10_000;

export function keyIn(namespace: string): Key {
  return (...parts) => [namespace, ...parts].join(":");
}

export function createClient({ url, namespace, log }: RedisOptions, purpose: string): Redis {
  const client = new Redis(url, {
    connectionName: `${namespace}-${purpose}`,
    connectTimeout: LIMITS.redisTimeoutMs,
    commandTimeout: LIMITS.redisTimeoutMs,
    keepAlive: KEEP_ALIVE_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: reconnectDelayMs,
  });
  client.on("error", (error: unknown) => log.warn({ err: error, purpose }, "redis connection failed"));
  client.on("ready", () => log.info({ purpose }, "connected to redis"));
  return client;
}

/** Doubling with jitter, for ever. */
export function reconnectDelayMs(attempt: number): number {
  const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

/** False when Redis did not come in time; the client keeps trying. */
export async function waitUntilReady(client: Redis, timeoutMs: number = FIRST_CONNECT_MS): Promise<boolean> {
  if (client.status === "ready") return true;
  const ready = new Promise<void>((resolve) => {
    client.once("ready", resolve);
  });
  return withTimeout(ready, timeoutMs, "connecting to redis").then(
    () => true,
    () => false,
  );
}

/** Turns a driver's rejection into `timeout` (unknown whether it happened) or `unavailable`. */
export async function attempt<Value>(what: string, work: () => Promise<Value>): Promise<Result<Value, AppError>> {
  try {
    return ok(await work());
  } catch (error) {
    if (isAppError(error)) return fail(error);
    const late = error instanceof Error && error.message === "Command timed out";
    return fail(appError(late ? "timeout" : "unavailable", `redis: ${what}`, { cause: error }));
  }
}

/** The replies of a pipeline; the first command that failed fails all. */
export function repliesOf(results: readonly (readonly [Error | null, unknown])[] | null): unknown[] {
  if (results === null) throw new Error("the pipeline was not executed");
  return results.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}

export async function closeClient(client: Redis): Promise<void> {
  if (client.status === "ready") {
    await withTimeout(client.quit(), LIMITS.redisTimeoutMs, "closing redis").catch(() => client.disconnect());
    return;
  }
  client.disconnect();
}
