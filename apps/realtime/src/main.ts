import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase, type Database } from "@ashchat/db/connect";
import { connectMessaging } from "@ashchat/messaging/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { openLive } from "@ashchat/redis/live";
import { runProcess } from "@ashchat/runtime/process";
import { allowedOrigins, realtimeEnvSchema } from "@ashchat/runtime/processes";
import { createDetector } from "@ashchat/translate/detect";
import { startRealtime } from "./start";

/** The realtime process: its connections, one node over them, and the order in which they end. */
await runProcess({
  name: "realtime",
  envSchema: realtimeEnvSchema,
  internalPort: (env) => env.REALTIME_INTERNAL_PORT,
  async start({ env, log, metrics, shutdown, crash }) {
    const { NAMESPACE: namespace } = env;
    const database = await connectDatabase({
      url: env.MONGODB_URL,
      appName: "realtime",
      timeoutMs: LIMITS.databaseTimeoutMs,
      queryRecordFile: env.QUERY_RECORD_FOR_TEST,
    });
    shutdown.add("connections", "mongodb", database.close);
    if (env.NODE_ENV === "production") await refuseStandIn(database);
    const redis = await connectRedis({ url: env.REDIS_URL, namespace, log, metrics });
    shutdown.add("connections", "redis", redis.close);
    const live = await openLive({ url: env.REDIS_URL, namespace, log, metrics });
    shutdown.add("connections", "redis fan-out", live.close);
    const messaging = await connectMessaging({ url: env.RABBITMQ_URL, namespace, log, metrics, name: "realtime" });
    shutdown.add("connections", "rabbitmq", messaging.close);

    const detector = createDetector();
    await detector.ready();

    const realtime = await startRealtime({
      host: env.REALTIME_HOST,
      port: env.REALTIME_PORT,
      allowedOrigins: allowedOrigins(env),
      trustProxy: env.TRUST_PROXY,
      database,
      redis,
      live,
      log,
      metrics,
      crash,
      publisher: messaging.publisher,
      detector,
    });
    log.info({ port: realtime.port }, "listening");
    return {
      checks: { mongodb: database.ready, redis: redis.ready, rabbitmq: messaging.ready },
      close: realtime.close,
    };
  },
});

/** It loses nothing that it acknowledged, but nobody should run a business on it. */
async function refuseStandIn(database: Database): Promise<void> {
  const server = await database.server();
  if (server.ok && server.value.isStandIn) throw new Error("production needs a real MongoDB server, not the stand-in");
}
