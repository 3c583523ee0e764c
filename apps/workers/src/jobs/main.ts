import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase } from "@ashchat/db/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { startJobs } from "@ashchat/redis/jobs";
import { systemClock } from "@ashchat/runtime/clock";
import { runProcess } from "@ashchat/runtime/process";
import { jobsEnvSchema } from "@ashchat/runtime/processes";
import { schedulesOf } from "./schedules";

/** What is done by the clock. The schedules live in Redis, so several of these processes share them. */
await runProcess({
  name: "jobs",
  envSchema: jobsEnvSchema,
  internalPort: (env) => env.JOBS_INTERNAL_PORT,
  async start({ env, log, metrics, shutdown }) {
    const { REDIS_URL: url, NAMESPACE: namespace } = env;
    const database = await connectDatabase({
      url: env.MONGODB_URL,
      appName: "jobs",
      timeoutMs: LIMITS.databaseTimeoutMs,
      queryRecordFile: env.QUERY_RECORD_FOR_TEST,
    });
    shutdown.add("connections", "mongodb", () => database.close());
    const redis = await connectRedis({ url, namespace, log, metrics });
    shutdown.add("connections", "redis", () => redis.close());

    const { profiles, sessions } = database.stores;
    const { lastSeen } = redis;
    const schedules = schedulesOf({ lastSeen, profiles, sessions, clock: systemClock });
    const jobs = await startJobs({ url, namespace, log, metrics, schedules });
    return {
      checks: { mongodb: () => database.ready(), redis: () => redis.ready() },
      close: () => jobs.close(),
    };
  },
});
