import { cryptoRandomBytes } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase } from "@ashchat/db/connect";
import { connectMessaging } from "@ashchat/messaging/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { parseEnv } from "@ashchat/runtime/env";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { demoEnvSchema } from "@ashchat/runtime/processes";
import { createDetector } from "@ashchat/translate/detect";
import { hash } from "@node-rs/argon2";
import { fillDemo } from "./fill";
import { DEMO_PEOPLE } from "./people";

/** Known to everybody who reads this; production refuses the demonstration. */
const DEMO_PASSWORD = "ash-and-ember";

/** Fills an installation with people who talk in four languages, prints how to sign in as each, then ends. */
const env = parseEnv(demoEnvSchema);
// Standard output is for the accounts.
const destination = { write: (line: string) => void process.stderr.write(line) };
const log = createLogger({ name: "demo", level: env.LOG_LEVEL, destination });
if (env.NODE_ENV === "production") {
  log.fatal("accounts with a known password have no place in production");
  process.exit(1);
}
const metrics = createMetrics({ process: "demo" });
const { NAMESPACE: namespace } = env;
const database = await connectDatabase({
  url: env.MONGODB_URL,
  appName: "demo",
  timeoutMs: LIMITS.databaseTimeoutMs,
  queryRecordFile: env.QUERY_RECORD_FOR_TEST,
});
const redis = await connectRedis({ url: env.REDIS_URL, namespace, log, metrics });
const messaging = await connectMessaging({ url: env.RABBITMQ_URL, namespace, log, metrics, name: "demo" });
try {
  const detector = createDetector();
  await detector.ready();
  await fillDemo({
    database,
    announcer: redis.announcer,
    publisher: messaging.publisher,
    detector,
    clock: systemClock,
    randomBytes: cryptoRandomBytes,
    passwordHash: await hash(DEMO_PASSWORD),
  });
  for (const { email, language } of DEMO_PEOPLE)
    process.stdout.write(`${JSON.stringify({ email, password: DEMO_PASSWORD, language })}\n`);
} catch (error) {
  log.fatal({ err: error }, "could not fill the demonstration");
  process.exitCode = 1;
} finally {
  await messaging.close();
  await redis.close();
  await database.close();
}
