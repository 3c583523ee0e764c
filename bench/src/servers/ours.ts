import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { JobPublisher, RoomWriter } from "@ashchat/core/ports";
import { connectDatabase } from "@ashchat/db/connect";
import { startRealtime } from "@ashchat/realtime/start";
import { connectRedis } from "@ashchat/redis/connect";
import { openLive } from "@ashchat/redis/live";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";

/**
 * AshChat's realtime server as a process: real sign-in, membership, limits, Redis and database. `memory` replaces only the
 * room writer, for the rows that compare with a peer that keeps nothing; `durable` is the product as it is. Nobody here
 * needs a translation, so no job is published.
 * Run: node dist/ours.js PORT MODE MONGODB_URL REDIS_URL NAMESPACE ORIGIN
 */
const [port, mode, mongodbUrl = "", redisUrl = "", namespace = "", origin = ""] = process.argv.slice(2);

/** The driver's clients send far more than a person may. */
const UNLIMITED = 1_000_000;
const limits = {
  framesBurst: UNLIMITED,
  framesPerSecond: UNLIMITED,
  connectionsPerAddressMax: UNLIMITED,
  connectionsPerUserMax: UNLIMITED,
  // The driver bounds what is outstanding itself; its peers refuse nothing either.
  sendWindowFirst: UNLIMITED,
  sendDelayTargetMs: UNLIMITED,
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
  database: { stores: mode === "memory" ? { ...database.stores, writer: memoryWriter() } : database.stores },
  redis,
  live,
  publisher,
  detector: { detect: () => null },
  log,
  metrics,
  limits,
});
process.send?.("ready");

/** Gives the next seq and keeps nothing. */
function memoryWriter(): RoomWriter {
  const heads = new Map<RoomId, number>();
  return {
    append: async ({ messageId, roomId, senderId, clientId, sentAt, language, text }) => {
      const seq = (heads.get(roomId) ?? 0) + 1;
      heads.set(roomId, seq);
      const stored: StoredMessage = {
        messageId,
        roomId,
        seq,
        senderId,
        clientId,
        sentAt,
        language,
        text,
        revision: 1,
        version: 1,
        editedAt: null,
        deletedAt: null,
        translations: {},
      };
      return ok({ message: stored, repeated: false });
    },
  };
}
