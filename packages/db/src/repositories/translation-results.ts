import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { AppError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { MessageStore, TranslationResult } from "@ashchat/core/ports";
import { mongo } from "mongoose";
import type { MessageDocument } from "../documents";
import { attempt, toAppError } from "../errors";
import { oneOf } from "../filters";
import { toStoredMessage } from "../message-document";
import type { Models } from "../models";
import { mapSideBySide } from "../portions";

const LABEL = "set translations";

type Written = Result<StoredMessage | null, AppError>;

/**
 * Any number of results in one command (decision 0014). Its statements are independent of each other, and its answer does not say which
 * of them found their message: a result was written where its change stands in the message afterwards.
 */
export function createTranslationResults(
  { messages }: Models,
  collection: () => mongo.Collection<MessageDocument>,
): Pick<MessageStore, "setTranslations"> {
  return {
    async setTranslations(results) {
      if (results.length === 0) return [];
      const failures = await writeAll(collection, results);
      if (!failures.ok) return results.map(() => failures);
      const stored = await attempt(LABEL, () => readAfterwards(messages, results));
      return results.map((result, index) => failures.value.get(index) ?? writtenOf(result, stored));
    },
  };
}

/** The statements that failed, by their position; a command without an answer is a failure of all. */
async function writeAll(
  collection: () => mongo.Collection<MessageDocument>,
  results: readonly TranslationResult[],
): Promise<Result<ReadonlyMap<number, Written>, AppError>> {
  try {
    await collection().bulkWrite(
      results.map((result) => ({ updateOne: statementOf(result) })),
      { ordered: false },
    );
    return ok(new Map());
  } catch (error) {
    const failed = failedStatements(error);
    if (failed !== null) return ok(failed);
    const known = toAppError(LABEL, error);
    if (known === null) throw error;
    return fail(known);
  }
}

function statementOf({ roomId, seq, revision, language, translation, change }: TranslationResult) {
  const path = `translations.${language}` as const;
  // Not done for this revision: a done one of an older text is what an edit leaves standing until the new one comes.
  const notDone = [{ [`${path}.status`]: { $ne: "done" } }, { [`${path}.revision`]: { $ne: revision } }];
  const filter: mongo.Filter<MessageDocument> = { roomId, seq, revision, deletedAt: null, $or: notDone };
  const update: mongo.UpdateFilter<MessageDocument> = {
    $set: { [path]: translation, dueAt: change.at + LIMITS.pendingFirstDueMs },
    $inc: { version: 1 },
    $pull: { "pending.languages": language },
    $push: { unlogged: change },
  };
  return { filter, update };
}

/** Null where the command as a whole failed, or is not known to be durable. */
function failedStatements(error: unknown): ReadonlyMap<number, Written> | null {
  if (!(error instanceof mongo.MongoBulkWriteError)) return null;
  const statements = [error.writeErrors].flat();
  if (statements.length === 0 || error.result.getWriteConcernError() !== undefined) return null;
  return new Map(
    statements.map((statement) => {
      const cause = new mongo.MongoServerError({ message: statement.errmsg ?? "", code: statement.code });
      const known = toAppError(LABEL, cause);
      if (known === null) throw error;
      return [statement.index, fail(known)] as const;
    }),
  );
}

type AfterWrite = Map<string, { message: StoredMessage; changeIds: ReadonlySet<string> }>;

/** One read a room. */
async function readAfterwards(messages: Models["messages"], results: readonly TranslationResult[]) {
  const byRoom = new Map<RoomId, Set<number>>();
  for (const { roomId, seq } of results) byRoom.set(roomId, (byRoom.get(roomId) ?? new Set()).add(seq));
  const found = await mapSideBySide([...byRoom], LIMITS.databaseParallelReads, ([roomId, seqs]) =>
    messages.find({ roomId, seq: oneOf([...seqs]) }).lean<MessageDocument[]>(),
  );
  const stored: AfterWrite = new Map();
  for (const document of found.flat()) {
    const changeIds = new Set(document.unlogged.map(({ changeId }) => changeId));
    stored.set(placeOf(document), { message: toStoredMessage(document), changeIds });
  }
  return stored;
}

function writtenOf(result: TranslationResult, stored: Result<AfterWrite, AppError>): Written {
  if (!stored.ok) return stored;
  const after = stored.value.get(placeOf(result));
  return ok(after?.changeIds.has(result.change.changeId) === true ? after.message : null);
}

function placeOf({ roomId, seq }: Pick<TranslationResult, "roomId" | "seq">): string {
  return `${roomId} ${seq}`;
}
