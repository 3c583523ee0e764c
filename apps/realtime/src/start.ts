import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { CrashPoint } from "@ashchat/core/crash";
import type { JobPublisher, LanguageDetector } from "@ashchat/core/ports";
import type { Database } from "@ashchat/db/connect";
import type { RedisParts } from "@ashchat/redis/connect";
import type { Live } from "@ashchat/redis/live";
import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { NodeLimits } from "./limits";
import { createNodeMetrics } from "./metrics";
import { startNode } from "./node";
import { createRandomPool } from "./random-pool";
import { startServer } from "./server";

export interface StartOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  readonly database: Pick<Database, "stores">;
  readonly redis: Pick<RedisParts, "tickets" | "presence" | "realtimeStarts">;
  readonly live: Live;
  readonly publisher: JobPublisher;
  readonly detector: LanguageDetector;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly crash?: CrashPoint;
  /** LIMITS, with others in their place. */
  readonly limits?: Partial<NodeLimits>;
}

export interface Realtime {
  readonly port: number;
  /** Takes nothing new, finishes what is in flight, sends everybody to another node. */
  close(): Promise<void>;
}

/** 16 characters of base64url, as everywhere in the house. */
const CORRELATION_BYTES = 12;

/** A realtime node on a port, over connections that the caller opened and will close. */
export async function startRealtime(options: StartOptions): Promise<Realtime> {
  const { database, redis, live, log } = options;
  const random = createRandomPool();
  const limits: NodeLimits = { ...LIMITS, ...options.limits };
  const node = startNode({
    stores: database.stores,
    bus: live,
    tickets: redis.tickets,
    presence: redis.presence.forNode(live.nodeId),
    sending: {
      writer: database.stores.writer,
      publisher: options.publisher,
      detector: options.detector,
      newMessageId: () => newId("msg", random),
      ...(options.crash === undefined ? {} : { crash: options.crash }),
    },
    newCorrelationId: () => Buffer.from(random(CORRELATION_BYTES)).toString("base64url"),
    limits,
    metrics: createNodeMetrics(options.metrics),
    log,
    onError: (error, what) => log.warn({ err: error }, what),
    now: Date.now,
    random: Math.random,
  });
  const refused = options.metrics.counter("realtime_upgrades_refused_total", "Refused upgrades", ["reason"]);
  const server = await startServer({
    ...options,
    limits,
    accept: node.accept,
    onRefused: (reason) => refused.inc({ reason }),
  });
  const noted = await redis.realtimeStarts.note(Date.now());
  if (!noted.ok) log.warn({ err: noted.error }, "devices were not told that connections are taken again");
  return {
    port: server.port,
    async close() {
      server.refuse();
      await node.close();
      await server.close();
    },
  };
}
