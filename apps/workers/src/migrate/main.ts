import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase, type Database } from "@ashchat/db/connect";
import { connectMessaging } from "@ashchat/messaging/connect";
import { parseEnv } from "@ashchat/runtime/env";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { migrateEnvSchema } from "@ashchat/runtime/processes";

/** Building an index takes longer than a query may. */
const MIGRATION_TIMEOUT_MS = LIMITS.databaseTimeoutMs * 60;

/** A first start makes some twenty queues, each with the election of a leader; a busy machine needs many seconds for them. */
const BROKER_WAIT_MS = 60_000;

/**
 * Brings the database to the shape that this version needs and makes its queues, then ends. Any number of times. The
 * processes themselves need no right to change either.
 */
const env = parseEnv(migrateEnvSchema);
const log = createLogger({ name: "migrate", level: env.LOG_LEVEL, pretty: env.LOG_PRETTY });
const database = await connectDatabase({
  url: env.MONGODB_URL,
  appName: "migrate",
  timeoutMs: MIGRATION_TIMEOUT_MS,
  queryRecordFile: env.QUERY_RECORD_FOR_TEST,
});
try {
  await migrateDatabase(database);
  await declareQueues();
  log.info("migrated");
} catch (error) {
  log.fatal({ err: error }, "could not migrate");
  process.exitCode = 1;
} finally {
  await database.close();
}

async function migrateDatabase({ server: askServer, migrate }: Database): Promise<void> {
  const server = await askServer();
  if (!server.ok) throw new Error(server.error.message, { cause: server.error.cause });
  if (server.value.isStandIn && env.NODE_ENV === "production")
    throw new Error("production needs a real MongoDB, this is a stand-in");
  log.info({ server: server.value.label }, "migrating");
  await migrate();
}

/** Connecting is what declares them. */
async function declareQueues(): Promise<void> {
  const { RABBITMQ_URL: url, NAMESPACE: namespace } = env;
  const metrics = createMetrics({ process: "migrate", defaults: false });
  const messaging = await connectMessaging({
    url,
    namespace,
    log,
    metrics,
    name: "migrate",
    connectWaitMs: BROKER_WAIT_MS,
  });
  try {
    const ready = await messaging.ready();
    if (!ready.ok) throw new Error(`the queues could not be declared: ${ready.detail}`);
  } finally {
    await messaging.close();
  }
}
