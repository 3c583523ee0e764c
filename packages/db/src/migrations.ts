import { LIMITS } from "@ashchat/contracts/limits";
import type { mongo } from "mongoose";
import type { MigrationDocument } from "./documents";
import { INDEXES, type DeclaredIndex } from "./indexes";

/**
 * Changes of the stored data, in order. Each may run any number of times and at the same time in several processes, so
 * no lock is needed: it is written down as done after it ran, and one that ran twice has changed nothing the second time.
 * A released migration is never edited; see docs/decisions/0002-migrations.md.
 */
export interface Migration {
  number: number;
  name: string;
  run(database: mongo.Db): Promise<void>;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: "indexes", run: createIndexes },
  { number: 2, name: "index of changed profiles", run: createIndexes },
];

const COLLECTION = "migrations";

/** Runs what has not run yet; returns the numbers of those. */
export async function runMigrations(
  database: mongo.Db,
  now: () => number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number[]> {
  const log = database.collection<MigrationDocument>(COLLECTION);
  const missing = await missingMigrations(database, migrations);
  for (const { number, name, run } of missing) {
    await run(database);
    await log.updateOne({ _id: number }, { $setOnInsert: { name, appliedAt: now() } }, { upsert: true });
  }
  return missing.map((migration) => migration.number);
}

/** What has not run yet. Without its unique indexes the database keeps no order, so nothing may work on it until then. */
export async function missingMigrations(
  database: mongo.Db,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly Migration[]> {
  const log = database.collection<MigrationDocument>(COLLECTION);
  const done = new Set((await log.find().project<{ _id: number }>({ _id: 1 }).toArray()).map((entry) => entry._id));
  return migrations.filter((migration) => !done.has(migration.number));
}

async function createIndexes(database: mongo.Db): Promise<void> {
  for (const [collection, indexes] of Object.entries<readonly DeclaredIndex[]>(INDEXES)) {
    for (const { keys, unique, sparse } of indexes) {
      await database.collection(collection).createIndex(
        keys.map(([field, direction]) => [field, direction]),
        {
          ...(unique === true && { unique }),
          ...(sparse === true && { sparse }),
          maxTimeMS: LIMITS.migrationTimeoutMs,
        },
      );
    }
  }
}
