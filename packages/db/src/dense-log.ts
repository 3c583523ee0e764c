import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import { createDenseGroups } from "./dense-groups";
import { createDenseInsert, settleAll, type DenseEntry, type DenseInsertOptions, type Head } from "./dense-insert";
import { createHeadReads } from "./head-reads";

/**
 * A log per room whose entries are numbered 1, 2, 3 … without holes, written by any number of processes.
 *
 * The order comes from the unique index (roomId, seq) alone. A process reads the head, inserts head + 1 … and, when another was
 * faster, reads the head again. A number n is only ever inserted by somebody who knows that n − 1 is there: it was read, or it
 * stands before n in the same ordered insert, which stops at its first failure. So there are no holes, not even when an
 * insert whose answer was lost is executed late.
 *
 * Per room and process: one insert in flight; what arrives meanwhile waits (bounded, beyond that `overloaded`) and goes into the
 * next one. Rooms share a command (dense-groups), except those where another process was faster just now. An entry has a key of its own (a second unique index), under which it is found when it had been stored before; then
 * the stored one is the answer. The same key twice in this process is one entry with two who wait for it.
 */
export interface DenseLog<Entry, Stored> {
  append(entry: Entry): Outcome<{ stored: Stored; repeated: boolean }>;
  /** Rooms of which something is remembered. */
  roomCount(): number;
}

export interface DenseLogOptions<Entry, Stored extends mongo.Document> extends Omit<
  DenseInsertOptions<Entry, Stored>,
  "random"
> {
  roomOf(entry: Entry): RoomId;
  /** Unique in the room. */
  keyOf(entry: Entry): string;
  random?: () => number;
  idleRoomsMax?: number;
}

type Appended<Stored> = Result<{ stored: Stored; repeated: boolean }>;

/** One room: what waits, and everything waiting or in flight by its key. */
interface Lane<Entry, Stored> {
  head: Head;
  queue: DenseEntry<Entry, Stored>[];
  waiters: Map<string, ((result: Appended<Stored>) => void)[]>;
  isRunning: boolean;
  /** Another writer was met: this many batches are not grouped, so that the next meeting stops nobody else. */
  aloneBatches: number;
}

export function createDenseLog<Entry, Stored extends mongo.Document & { seq: number }>(
  options: DenseLogOptions<Entry, Stored>,
): DenseLog<Entry, Stored> {
  const { label, idleRoomsMax = LIMITS.appendIdleRoomsMax, random = Math.random } = options;
  const { writeAlone, readHead, insert } = createDenseInsert<Entry, Stored>({ ...options, random });
  const groups = createDenseGroups<Entry, Stored>(options, insert);
  const readHeadWithOthers = createHeadReads(readHead);
  const lanes = new Map<RoomId, Lane<Entry, Stored>>();
  let waitingCount = 0;

  return {
    append(entry) {
      const lane = laneOf(options.roomOf(entry));
      const key = options.keyOf(entry);
      return new Promise((resolve) => {
        const same = lane.waiters.get(key);
        if (same !== undefined) return void same.push(resolve);
        if (isFull(lane)) return resolve(fail(appError("overloaded", `${label}: the queue is full`)));
        lane.waiters.set(key, [resolve]);
        lane.queue.push({ entry, settle: (result) => settle(lane, key, result) });
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
    const lane = lanes.get(roomId) ?? {
      head: { roomId, seq: null },
      queue: [],
      waiters: new Map(),
      isRunning: false,
      aloneBatches: 0,
    };
    // To the end: a Map keeps the order of insertion, so the idle lane that comes first is the one used longest ago.
    lanes.delete(roomId);
    forgetOldestIdle();
    lanes.set(roomId, lane);
    return lane;
  }

  function forgetOldestIdle(): void {
    if (lanes.size < idleRoomsMax) return;
    for (const [roomId, lane] of lanes) {
      if (lane.isRunning) continue;
      lanes.delete(roomId);
      return;
    }
  }

  async function run(lane: Lane<Entry, Stored>): Promise<void> {
    lane.isRunning = true;
    while (lane.queue.length > 0) await writeNext(lane);
    lane.isRunning = false;
  }

  async function writeNext(lane: Lane<Entry, Stored>): Promise<void> {
    const batch = lane.aloneBatches > 0 ? takeFrom(lane) : await writeGrouped(lane);
    if (batch.length === 0) return;
    const isStopped = lane.aloneBatches === 0;
    lane.aloneBatches = isStopped ? LIMITS.appendAloneBatches : lane.aloneBatches - 1;
    try {
      await writeAlone(lane.head, batch, isStopped);
    } catch (error) {
      // A mistake of ours ends these entries, not the room.
      lane.head.seq = null;
      settleAll(batch, cannotBeWritten(error));
    }
  }

  /** Returns what met another writer and must go on alone. */
  async function writeGrouped(lane: Lane<Entry, Stored>): Promise<readonly DenseEntry<Entry, Stored>[]> {
    if (lane.head.seq === null) {
      const last = await readHeadWithOthers(lane.head.roomId).catch(cannotBeWritten);
      if (!last.ok) {
        settleAll(takeFrom(lane), last);
        return [];
      }
      lane.head.seq = last.value;
    }
    return await groups.write({ head: lane.head, take: (entriesMax) => takeFrom(lane, entriesMax) });
  }

  function cannotBeWritten(error: unknown) {
    return fail(appError("internal", `${label}: cannot be written`, { cause: error }));
  }

  function takeFrom(lane: Lane<Entry, Stored>, entriesMax: number = LIMITS.appendBatchMessagesMax) {
    return lane.queue.splice(0, entriesMax);
  }

  /** The first to wait brought the entry, the others brought it again. Only the first call counts. */
  function settle(lane: Lane<Entry, Stored>, key: string, result: Appended<Stored>): void {
    const waiters = lane.waiters.get(key);
    if (waiters === undefined) return;
    lane.waiters.delete(key);
    waitingCount -= 1;
    for (const [index, resolve] of waiters.entries()) {
      resolve(index > 0 && result.ok ? ok({ ...result.value, repeated: true }) : result);
    }
  }
}
