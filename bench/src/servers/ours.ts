import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { JobPublisher } from "@ashchat/core/ports";
import { connectDatabase, type Stores } from "@ashchat/db/connect";
import { startRealtime } from "@ashchat/realtime/start";
import { connectRedis } from "@ashchat/redis/connect";
import { openLive } from "@ashchat/redis/live";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { announceReady } from "./announce-ready";
import { indexReads } from "./indexed-reads";
import { keepMessages, writeNothing } from "./memory-log";

/**
 * AshChat's realtime server as a process: real sign-in, membership, limits, Redis and database. Nobody here needs a
 * translation, so no job is published. MODE is `durable`, the product as it is, or words joined by `+`:
 *   memory  the room writer keeps nothing: for the rows that compare with a peer that keeps nothing
 *   kept    messages are kept in memory, so that one can resume without the database's writes
 *   indexed who is in which room is found in this process, not by the database's stand-in
 * Run: node dist/ours.js PORT MODE MONGODB_URL REDIS_URL NAMESPACE ORIGIN
 */
const [port, mode = "", mongodbUrl = "", redisUrl = "", namespace = "", origin = ""] = process.argv.slice(2);

/** The driver's clients send far more than a person may. */
const UNLIMITED = 1_000_000;
const limits = {
  framesBurst: UNLIMITED,
  framesPerSecond: UNLIMITED,
  connectionsPerAddressMax: UNLIMITED,
  connectionsPerUserMax: UNLIMITED,
  // Neither do they come again when they are refused (decision 0009).
  sendsInFlightMax: UNLIMITED,
  sendWindowMin: UNLIMITED,
  sendWindowFirst: UNLIMITED,
  sendWindowMax: UNLIMITED,
};

const log = createLogger({ name: "bench", level: "error", pretty: false });
const metrics = createMetrics({ process: "bench" });
const database = await connectDatabase({ url: mongodbUrl, appName: "bench", timeoutMs: LIMITS.databaseTimeoutMs });
const redis = await connectRedis({ url: redisUrl, namespace, log, metrics });
const live = await openLive({ url: redisUrl, namespace, log, metrics });
const publisher: JobPublisher = { publish: async () => ok(undefined), offer: () => undefined };

await startRealtime({
  host: "127.0.0.1",
  port: Number(port),
  allowedOrigins: [origin],
  trustProxy: false,
  database: { stores: await storesFor(new Set(mode.split("+"))) },
  redis,
  live,
  publisher,
  detector: { detect: () => null },
  log,
  metrics,
  limits,
});
announceReady();

async function storesFor(words: ReadonlySet<string>): Promise<Stores> {
  const { stores } = database;
  const log = words.has("kept")
    ? keepMessages(stores.messages)
    : words.has("memory")
      ? writeNothing(stores.messages)
      : {};
  return {
    ...stores,
    ...log,
    ...(words.has("indexed") ? await indexReads(mongodbUrl, stores) : {}),
  };
}
