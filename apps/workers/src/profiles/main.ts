import { cryptoRandomBytes } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES } from "@ashchat/contracts/queues";
import { ensureProfile, rescueProfiles } from "@ashchat/core/account/ensure-profile";
import { startTurns } from "@ashchat/core/turns";
import { connectDatabase } from "@ashchat/db/connect";
import { connectMessaging } from "@ashchat/messaging/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { runProcess } from "@ashchat/runtime/process";
import { profilesEnvSchema } from "@ashchat/runtime/processes";

/** Makes the profile of every confirmed account: by its job, and by a sweep should the job be lost. */
await runProcess({
  name: "profiles",
  envSchema: profilesEnvSchema,
  internalPort: (env) => env.PROFILES_INTERNAL_PORT,
  async start({ env, log, metrics, shutdown, crash }) {
    const database = await connectDatabase({
      url: env.MONGODB_URL,
      appName: "profiles",
      timeoutMs: LIMITS.databaseTimeoutMs,
      queryRecordFile: env.QUERY_RECORD_FOR_TEST,
    });
    shutdown.add("connections", "mongodb", () => database.close());
    const messaging = await connectMessaging({
      url: env.RABBITMQ_URL,
      namespace: env.NAMESPACE,
      log,
      metrics,
      name: "profiles",
    });
    shutdown.add("work", "rabbitmq", () => messaging.close());

    const { accounts, profiles } = database.stores;
    const deps = { accounts, profiles, randomBytes: cryptoRandomBytes, clock: systemClock, crash };
    messaging.consume(QUEUES.profileCreation, async ({ userId }) => {
      const made = await ensureProfile(deps, { userId });
      return made.ok ? { kind: "done" } : { kind: "retry", error: made.error };
    });
    const sweep = startTurns({
      turn: () => rescueProfiles(deps),
      intervalMs: LIMITS.sweepIntervalMs,
      onError: (error) => log.warn({ err: error }, "the sweep for missing profiles failed"),
    });
    return {
      checks: { mongodb: () => database.ready(), rabbitmq: () => messaging.ready() },
      close: () => sweep.close(),
    };
  },
});
