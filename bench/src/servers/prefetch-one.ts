import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES } from "@ashchat/contracts/queues";
import { recordTranslation } from "@ashchat/core/conversation/record-translation";
import { connectDatabase } from "@ashchat/db/connect";
import { must } from "@ashchat/db/testing/factories";
import { connectMessaging } from "@ashchat/messaging/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import * as z from "zod/mini";

/**
 * The peer of row 13: a translation worker as it is written first. One job at a time: read the message, ask the engine,
 * write what it says, acknowledge. It writes and announces with the product's own code, so that only the queue differs.
 * Run: tsx src/servers/prefetch-one.ts, with the variables of a translation process and ENGINE_URL.
 */
const envSchema = z.object({
  MONGODB_URL: z.string(),
  REDIS_URL: z.string(),
  RABBITMQ_URL: z.string(),
  NAMESPACE: z.string(),
  ENGINE_URL: z.string(),
});
const answerSchema = z.object({ translatedText: z.string() });

const env = envSchema.parse(process.env);
const log = createLogger({ name: "bench", level: "error", pretty: false });
const common = { namespace: env.NAMESPACE, log, metrics: createMetrics({ process: "bench" }) };
const database = await connectDatabase({
  url: env.MONGODB_URL,
  appName: "bench",
  timeoutMs: LIMITS.databaseTimeoutMs,
});
const redis = await connectRedis({ url: env.REDIS_URL, ...common });
const messaging = await connectMessaging({ url: env.RABBITMQ_URL, ...common });
const { messages } = database.stores;
const record = {
  rooms: database.stores.rooms,
  messages,
  announcer: redis.announcer,
  clock: systemClock,
  newChangeId: () => newId("chg"),
};

messaging.consume(
  QUEUES.translation,
  async ({ roomId, seq, revision, language }) => {
    const message = must(await messages.find(roomId, seq));
    const response = await fetch(new URL("/translate", env.ENGINE_URL), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ q: message?.text ?? "", source: "en", target: language, format: "text" }),
    });
    const { translatedText: text } = answerSchema.parse(await response.json());
    const translation = { status: "done", revision, text, engine: "bench", at: Date.now() } as const;
    must(await recordTranslation(record, { roomId, seq, revision, language, translation }));
    return { kind: "done" };
  },
  { prefetch: 1 },
);
process.send?.("ready");
