import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES } from "@ashchat/contracts/queues";
import { startSweep } from "@ashchat/core/conversation/rescue";
import { connectDatabase } from "@ashchat/db/connect";
import { connectMessaging } from "@ashchat/messaging/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { runProcess } from "@ashchat/runtime/process";
import { translationEnvSchema } from "@ashchat/runtime/processes";
import { createTranslator } from "@ashchat/translate/translator";
import { enginesOf } from "./engines";
import { createTranslationHandler } from "./handler";
import { observeTranslator } from "./observe";
import { engineReadiness, startSupport } from "./support";

/** Translates messages into the languages that their rooms need, and sweeps up what crashes and lost jobs have left. */
await runProcess({
  name: "translation",
  envSchema: translationEnvSchema,
  internalPort: (env) => env.TRANSLATION_INTERNAL_PORT,
  async start({ env, log, metrics, shutdown, crash }) {
    const engines = enginesOf(env, systemClock);
    const database = await connectDatabase({
      url: env.MONGODB_URL,
      appName: "translation",
      timeoutMs: LIMITS.databaseTimeoutMs,
      queryRecordFile: env.QUERY_RECORD_FOR_TEST,
    });
    shutdown.add("connections", "mongodb", () => database.close());
    const redis = await connectRedis({ url: env.REDIS_URL, namespace: env.NAMESPACE, log, metrics });
    shutdown.add("connections", "redis", () => redis.close());
    const messaging = await connectMessaging({
      url: env.RABBITMQ_URL,
      namespace: env.NAMESPACE,
      log,
      metrics,
      name: "translation",
    });
    shutdown.add("work", "rabbitmq", () => messaging.close());

    const translator = createTranslator({
      engines,
      cache: redis.cache,
      secret: env.TRANSLATION_CACHE_SECRET,
      timeoutMs: env.TRANSLATION_TIMEOUT_MS,
      clock: systemClock,
      observe: observeTranslator(metrics),
    });
    const support = startSupport({
      translator,
      support: redis.support,
      onError: (error) => log.warn({ err: error }, "what the engines can do could not be told"),
    });
    const { messages, rooms } = database.stores;
    const { announcer } = redis;
    const newChangeId = () => newId("chg");
    const record = { rooms, messages, announcer, clock: systemClock, newChangeId, crash };
    const consumer = messaging.consumeBatches(
      QUEUES.translation,
      createTranslationHandler({ record, messages, translator, metrics }),
      { prefetch: LIMITS.translatePrefetch, batchMax: LIMITS.translatePrefetch / 2 },
    );
    const rescue: Parameters<typeof startSweep>[0] = {
      deps: {
        ...record,
        publisher: messaging.publisher,
        newCorrelationId,
        queueLength: () => messaging.queueLength(QUEUES.translation),
      },
      intervalMs: LIMITS.sweepIntervalMs,
      onError: (error) => log.warn({ err: error }, "the sweep for pending work failed"),
    };
    // Without it lost jobs stay lost: so tests show that they would notice.
    const sweep = env.SWEEP_DISABLED_FOR_TEST ? null : startSweep(rescue);
    return {
      checks: {
        mongodb: () => database.ready(),
        redis: () => redis.ready(),
        rabbitmq: () => messaging.ready(),
        engines: async () => engineReadiness(translator.support()),
      },
      close: async () => {
        await Promise.all([consumer.close(), sweep?.close(), support.close()]);
      },
    };
  },
});
