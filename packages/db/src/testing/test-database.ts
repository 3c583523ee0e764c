import { newClientId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { mongo } from "mongoose";
import { connectDatabase, type Database } from "../connect";
import { openConnection, type ConnectionOptions } from "../connection";
import { createQueryGuard, type QueryGuard } from "./query-guard";

export interface TestDatabase extends Database {
  /** Of this test's own database. */
  url: string;
  guard: QueryGuard;
  /** The driver's database, to look at what is really stored. */
  raw: mongo.Db;
  /** Another pool with stores and a room writer of its own, as another process has. */
  connectAgain(overrides?: Partial<ConnectionOptions>): Promise<Database>;
}

/**
 * A database of its own with all indexes on the server of the tests. `close` drops it, and fails when a query went out that no
 * declared index serves.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const url = withDatabase(serverUrl(), `ash_test_${newClientId()}`);
  const guard = createQueryGuard();
  const common = { url, appName: "ashchat-test", timeoutMs: LIMITS.databaseTimeoutMs };
  const options = { ...common, onCommand: guard.observe, queryRecordFile: process.env["ASH_TEST_QUERY_RECORD"] };
  const inspection = await openConnection(common);
  const database = await connectDatabase(options);
  await database.migrate();
  const others: Database[] = [];
  return {
    ...database,
    url,
    guard,
    raw: inspection.native(),
    async connectAgain(overrides = {}) {
      const other = await connectDatabase({ ...options, ...overrides });
      others.push(other);
      return other;
    },
    async close() {
      await Promise.all(others.map((other) => other.close()));
      await database.close();
      await inspection.native().dropDatabase();
      await inspection.close();
      const unserved = guard.unserved();
      if (unserved.length > 0) throw new Error(`no declared index serves:\n${unserved.join("\n")}`);
    },
  };
}

/** The test runner hands the address over; a missing server fails the test, it never skips it. */
function serverUrl(): string {
  const url = process.env["ASH_TEST_MONGODB_URL"];
  if (url === undefined || url === "")
    throw new Error("ASH_TEST_MONGODB_URL is not set: run the tests through `npm test`");
  return url;
}

function withDatabase(url: string, name: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(\?.*)?$/.exec(url);
  if (parts?.[1] === undefined) throw new Error("ASH_TEST_MONGODB_URL is no address of a MongoDB server");
  return `${parts[1]}/${name}${parts[2] ?? ""}`;
}
