import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import { mongo } from "mongoose";
import { setTimeout as pause } from "node:timers/promises";
import { attempt, isDuplicateKey, toAppError, withinDeadline } from "./errors";

export interface DenseInsertOptions<Entry, Stored extends mongo.Document> {
  label: string;
  collection(): mongo.Collection<Stored>;
  /** Selects the stored entry with the same key, within the room. */
  keyFilter(entry: Entry): mongo.Filter<Stored>;
  toDocument(entry: Entry, seq: number): mongo.OptionalUnlessRequiredId<Stored>;
  /** In [0, 1). */
  random(): number;
}

/** One entry on its way into the log. */
export interface DenseEntry<Entry, Stored> {
  entry: Entry;
  settle(result: Result<{ stored: Stored; repeated: boolean }>): void;
}

/** Where a room's log ends, as far as is known: a hint that saves a read. A wrong one costs a round. */
export interface Head {
  roomId: RoomId;
  seq: number | null;
}

/** Writes the entries of one room, however often another writer is faster. */
export interface DenseInsert<Entry, Stored extends mongo.Document> {
  /** Every entry is settled when it resolves. `isStopped`: the first has just met a duplicate. */
  writeAlone(head: Head, batch: readonly DenseEntry<Entry, Stored>[], isStopped: boolean): Promise<void>;
  readHead(roomId: RoomId): Outcome<number>;
  /** How many documents from the front were stored: all of them, or those before a duplicate. */
  insert(documents: mongo.OptionalUnlessRequiredId<Stored>[]): Outcome<number>;
}

/**
 * Writes a batch behind the head of a room: the algorithm of dense-log. Insert head + 1 … in order; at a duplicate the entries
 * before it are stored, the one that met it is looked up by its key, and the others go on with new numbers.
 * LIMITS.appendRoundsMax rounds in a row without any progress end as `overloaded`. After an answer that says nothing, everything
 * that is left fails and the head is forgotten.
 */
export function createDenseInsert<Entry, Stored extends mongo.Document & { seq: number }>(
  options: DenseInsertOptions<Entry, Stored>,
): DenseInsert<Entry, Stored> {
  const { label } = options;
  return { writeAlone, readHead, insert };

  async function writeAlone(head: Head, batch: readonly DenseEntry<Entry, Stored>[], isStopped: boolean) {
    let rest = batch;
    let lost = 0;
    let stopped = isStopped ? batch[0] : undefined;
    while (rest.length > 0) {
      const settled = stopped === undefined ? await writeOnce(head, rest) : await settleRepeated(head, stopped);
      stopped = undefined;
      if (!settled.ok) return settleAll(rest, settled);
      lost = settled.value > 0 ? 0 : lost + 1;
      if (lost >= LIMITS.appendRoundsMax)
        return settleAll(rest, fail(appError("overloaded", `${label}: lost ${lost} races`)));
      rest = rest.slice(settled.value);
      if (lost > 0) await pause(options.random() * Math.min(2 ** lost, LIMITS.appendPauseMaxMs));
    }
  }

  /** One round: how many entries from the front are settled now. Zero: another writer was faster. */
  async function writeOnce(head: Head, entries: readonly DenseEntry<Entry, Stored>[]): Outcome<number> {
    const last = head.seq === null ? await readHead(head.roomId) : ok(head.seq);
    if (!last.ok) return last;
    const documents = entries.map(({ entry }, index) => options.toDocument(entry, last.value + 1 + index));
    const written = await insert(documents);
    if (!written.ok) {
      head.seq = null;
      return written;
    }
    const count = written.value;
    for (const [index, one] of entries.slice(0, count).entries()) {
      one.settle(ok({ stored: documents[index] as Stored, repeated: false }));
    }
    head.seq = last.value + count;
    const stopped = entries[count];
    if (stopped === undefined) return ok(count);
    const found = await settleRepeated(head, stopped);
    return found.ok ? ok(count + found.value) : found;
  }

  async function insert(documents: mongo.OptionalUnlessRequiredId<Stored>[]): Outcome<number> {
    try {
      await withinDeadline(() => options.collection().insertMany(documents, { ordered: true }));
      return ok(documents.length);
    } catch (error) {
      const count = stoppedAt(error);
      if (count !== null) return ok(count);
      const known = toAppError(label, error);
      if (known === null) throw error;
      return fail(known);
    }
  }

  /** The entry that met a duplicate: 1 when it had been stored before and is settled, 0 when only its number was taken. */
  async function settleRepeated(head: Head, stopped: DenseEntry<Entry, Stored>): Outcome<number> {
    const keyFilter = { roomId: head.roomId, ...options.keyFilter(stopped.entry) } as mongo.Filter<Stored>;
    const [found, last] = await Promise.all([
      attempt(label, () => options.collection().findOne(keyFilter)),
      readHead(head.roomId),
    ]);
    head.seq = last.ok ? last.value : null;
    if (!found.ok) return found;
    if (found.value === null) return ok(0);
    stopped.settle(ok({ stored: found.value as Stored, repeated: true }));
    return ok(1);
  }

  /** With what the majority does not have yet: this only decides where to try, and the newest is the best place. */
  function readHead(roomId: RoomId): Outcome<number> {
    return attempt(label, async () => {
      const last = await options
        .collection()
        .find({ roomId } as unknown as mongo.Filter<Stored>, { readConcern: { level: "local" } })
        .project<{ seq: number }>({ _id: 0, seq: 1 })
        .sort({ seq: -1 })
        .limit(1)
        .toArray();
      return last[0]?.seq ?? 0;
    });
  }
}

export function settleAll<Entry, Stored>(
  entries: readonly DenseEntry<Entry, Stored>[],
  result: Result<{ stored: Stored; repeated: boolean }>,
): void {
  for (const one of entries) one.settle(result);
}

/**
 * How many documents an ordered insert had stored durably when it met a duplicate; null when that is not what happened. The
 * position of the failure is what counts: `insertedCount` is wrong on some servers.
 */
function stoppedAt(error: unknown): number | null {
  if (!isDuplicateKey(error) || !(error instanceof mongo.MongoBulkWriteError)) return null;
  if (error.result.getWriteConcernError() !== undefined) return null;
  const first = [error.writeErrors].flat()[0];
  return first?.index ?? null;
}
