import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase } from "@ashchat/db/connect";
import { parseEnv } from "@ashchat/runtime/env";
import { createLogger } from "@ashchat/runtime/logger";
import { migrateEnvSchema } from "@ashchat/runtime/processes";

/** Building an index takes longer than a query may. */
const MIGRATION_TIMEOUT_MS = LIMITS.databaseTimeoutMs * 60;

/** Brings the database to the shape that this version needs, then ends. Any number of times. */
const env = parseEnv(migrateEnvSchema);
const log = createLogger({ name: "migrate", level: env.LOG_LEVEL, pretty: env.LOG_PRETTY });
const database = await connectDatabase({ url: env.MONGODB_URL, appName: "migrate", timeoutMs: MIGRATION_TIMEOUT_MS });
try {
  const server = await database.server();
  if (!server.ok) throw new Error(server.error.message, { cause: server.error.cause });
  if (server.value.isStandIn && env.NODE_ENV === "production")
    throw new Error("production needs a real MongoDB, this is a stand-in");
  log.info({ server: server.value.label }, "migrating");
  await database.migrate();
  log.info("migrated");
} catch (error) {
  log.fatal({ err: error }, "could not migrate");
  process.exitCode = 1;
} finally {
  await database.close();
}
