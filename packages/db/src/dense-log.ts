import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import { mongo } from "mongoose";
import { setTimeout as pause } from "node:timers/promises";
import { attempt, isDuplicateKey, toAppError } from "./errors";

/**
 * A log per room whose entries are numbered 1, 2, 3 … without holes, written by any number of processes.
 *
 * The order comes from the unique index (roomId, seq) alone. A process reads the head, inserts head + 1 … and, when another was
 * faster, reads the head again. A number n is only ever inserted by somebody who knows that n − 1 is there: it was read, or it
 * stands before n in the same ordered insert, which stops at its first failure. So there are no holes, not even when an
 * insert whose answer was lost is executed late. The remembered head is a hint that saves a read; a wrong one costs a round.
 *
 * Per room and process: one insert in flight; what arrives meanwhile waits and goes into the next one. An entry has a key of its own (a
 * second unique index), under which it is found when it had been stored before; then the stored one is the answer.
 */
export interface DenseLog<Entry, Stored> {
  append(entry: Entry): Outcome<{ stored: Stored; repeated: boolean }>;
  /** Rooms of which something is remembered; for the test of the bound. */
  roomCount(): number;
}

export interface DenseLogOptions<Entry, Stored extends mongo.Document> {
  label: string;
  collection(): mongo.Collection<Stored>;
  roomOf(entry: Entry): RoomId;
  /** Unique in the room. */
  keyOf(entry: Entry): string;
  /** Selects the stored entry with this key, within the room. */
  keyFilter(entry: Entry): mongo.Filter<Stored>;
  toDocument(entry: Entry, seq: number): mongo.OptionalUnlessRequiredId<Stored>;
  random?: () => number;
}

interface Waiting<Entry, Stored> {
  entry: Entry;
  key: string;
  /** The first is the one who brought the entry, the others brought it again. */
  resolvers: ((result: Result<{ stored: Stored; repeated: boolean }>) => void)[];
}

interface Lane<Entry, Stored> {
  roomId: RoomId;
  head: number | null;
  queue: Waiting<Entry, Stored>[];
  /** Waiting or in flight. */
  byKey: Map<string, Waiting<Entry, Stored>>;
  isRunning: boolean;
}

type Written = { kind: "all" } | { kind: "stopped"; count: number } | { kind: "unknown"; error: unknown };

export function createDenseLog<Entry, Stored extends mongo.Document & { seq: number }>(
  options: DenseLogOptions<Entry, Stored>,
): DenseLog<Entry, Stored> {
  const random = options.random ?? Math.random;
  const lanes = new Map<RoomId, Lane<Entry, Stored>>();
  let waitingCount = 0;

  return {
    append(entry) {
      const lane = laneOf(options.roomOf(entry));
      const key = options.keyOf(entry);
      return new Promise((resolve) => {
        const same = lane.byKey.get(key);
        if (same === undefined && isFull(lane)) {
          resolve(fail(appError("overloaded", `${options.label}: the room's queue is full`)));
          return;
        }
        if (same !== undefined) {
          same.resolvers.push(resolve);
          return;
        }
        const waiting = { entry, key, resolvers: [resolve] };
        lane.queue.push(waiting);
        lane.byKey.set(key, waiting);
        waitingCount += 1;
        if (!lane.isRunning) void run(lane);
      });
    },
    roomCount: () => lanes.size,
  };

  function isFull(lane: Lane<Entry, Stored>): boolean {
    return lane.queue.length >= LIMITS.appendQueueMessagesMax || waitingCount >= LIMITS.appendProcessMessagesMax;
  }

  function laneOf(roomId: RoomId): Lane<Entry, Stored> {
    const known = lanes.get(roomId);
    const lane = known ?? { roomId, head: null, queue: [], byKey: new Map(), isRunning: false };
    // To the end: a Map keeps the order of insertion, so the first idle lane is the one that was used longest ago.
    lanes.delete(roomId);
    lanes.set(roomId, lane);
    if (known === undefined) forgetIdle();
    return lane;
  }

  function forgetIdle(): void {
    if (lanes.size <= LIMITS.appendIdleRoomsMax) return;
    for (const [roomId, lane] of lanes) {
      if (lane.isRunning || lane.queue.length > 0) continue;
      lanes.delete(roomId);
      return;
    }
  }

  async function run(lane: Lane<Entry, Stored>): Promise<void> {
    lane.isRunning = true;
    while (lane.queue.length > 0) {
      const batch = lane.queue.splice(0, LIMITS.appendBatchMessagesMax);
      try {
        await writeBatch(lane, batch);
      } catch (error) {
        // A mistake of ours or a broken document: it ends these sends, not the room.
        settleAll(lane, batch, fail(appError("internal", `${options.label}: cannot be written`, { cause: error })));
      }
    }
    lane.isRunning = false;
  }

  /** Every entry of the batch is settled when it resolves. */
  async function writeBatch(lane: Lane<Entry, Stored>, batch: Waiting<Entry, Stored>[]): Promise<void> {
    let rest = batch;
    let lost = 0;
    while (rest.length > 0) {
      const step = await writeOnce(lane, rest);
      if (!step.ok) return settleAll(lane, rest, step);
      lost = step.value > 0 ? 0 : lost + 1;
      if (lost >= LIMITS.appendRoundsMax) {
        return settleAll(lane, rest, fail(appError("overloaded", `${options.label}: lost ${lost} races`)));
      }
      rest = rest.slice(step.value);
      if (lost > 0) await pause(random() * Math.min(2 ** lost, LIMITS.appendPauseMaxMs));
    }
  }

  /** One round: how many entries from the front are settled now. Zero: another writer was faster. */
  async function writeOnce(lane: Lane<Entry, Stored>, entries: Waiting<Entry, Stored>[]): Outcome<number> {
    const head = lane.head === null ? await readHead(lane.roomId) : ok(lane.head);
    if (!head.ok) return head;
    const documents = entries.map((waiting, index) => options.toDocument(waiting.entry, head.value + 1 + index));
    const written = await insert(documents);
    if (written.kind === "unknown") {
      lane.head = null;
      return fail(asFailure(written.error));
    }
    const count = written.kind === "all" ? entries.length : written.count;
    for (const [index, waiting] of entries.slice(0, count).entries()) {
      settle(lane, waiting, ok({ stored: documents[index] as Stored, repeated: false }));
    }
    lane.head = head.value + count;
    const stopped = entries[count];
    return stopped === undefined ? ok(count) : settleStopped(lane, stopped, count);
  }

  /** The entry whose insert met a duplicate: stored before under its key, or its number was taken. */
  async function settleStopped(
    lane: Lane<Entry, Stored>,
    stopped: Waiting<Entry, Stored>,
    count: number,
  ): Outcome<number> {
    const keyFilter = { roomId: lane.roomId, ...options.keyFilter(stopped.entry) } as mongo.Filter<Stored>;
    const [found, head] = await Promise.all([
      attempt(options.label, () => options.collection().findOne(keyFilter)),
      readHead(lane.roomId),
    ]);
    lane.head = head.ok ? head.value : null;
    if (!found.ok) return found;
    if (found.value === null) return ok(count);
    settle(lane, stopped, ok({ stored: found.value as Stored, repeated: true }));
    return ok(count + 1);
  }

  async function insert(documents: mongo.OptionalUnlessRequiredId<Stored>[]): Promise<Written> {
    try {
      await options.collection().insertMany(documents, { ordered: true });
      return { kind: "all" };
    } catch (error) {
      const count = stoppedAt(error);
      return count === null ? { kind: "unknown", error } : { kind: "stopped", count };
    }
  }

  /** As far as this server knows, also what is not yet acknowledged by the majority: only a hint, and the newest is the best. */
  function readHead(roomId: RoomId): Outcome<number> {
    return attempt(options.label, async () => {
      const last = await options
        .collection()
        .find({ roomId } as unknown as mongo.Filter<Stored>, { readConcern: { level: "local" } })
        .project<{ seq: number }>({ _id: 0, seq: 1 })
        .sort({ roomId: -1, seq: -1 })
        .limit(1)
        .toArray();
      return last[0]?.seq ?? 0;
    });
  }

  function asFailure(error: unknown) {
    const known = toAppError(options.label, error);
    if (known === null) throw error;
    return known;
  }

  function settle(
    lane: Lane<Entry, Stored>,
    waiting: Waiting<Entry, Stored>,
    result: Result<{ stored: Stored; repeated: boolean }>,
  ): void {
    if (lane.byKey.get(waiting.key) !== waiting) return;
    lane.byKey.delete(waiting.key);
    waitingCount -= 1;
    for (const [index, resolve] of waiting.resolvers.entries()) {
      resolve(index > 0 && result.ok ? ok({ ...result.value, repeated: true }) : result);
    }
  }

  function settleAll(
    lane: Lane<Entry, Stored>,
    waiting: readonly Waiting<Entry, Stored>[],
    result: Result<{ stored: Stored; repeated: boolean }>,
  ): void {
    for (const one of waiting) settle(lane, one, result);
  }
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
