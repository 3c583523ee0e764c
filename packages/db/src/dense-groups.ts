import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { mongo } from "mongoose";
import { settleAll, type DenseEntry, type DenseInsert, type DenseInsertOptions, type Head } from "./dense-insert";

/**
 * Inserts of different rooms in one command (decision 0010). The database syncs once for each command, so under load this is
 * what counts; a lone message never waits, for what arrives in one turn goes out at its end while a command is free.
 *
 * A group is ordered, so it stops at its first duplicate: what stands before is stored, the room that met it goes on alone,
 * and the rooms behind it go into another command with the same numbers. That keeps dense-log's rule: in each room a number is
 * only inserted behind one that is there. A failure without an answer is one for every room of the group.
 */
export interface DenseGroups<Entry, Stored> {
  /** Writes what waits in a room whose head is known. Returns what is not settled; its first entry met a duplicate. */
  write(room: WaitingRoom<Entry, Stored>): Promise<readonly DenseEntry<Entry, Stored>[]>;
}

export interface WaitingRoom<Entry, Stored> {
  readonly head: Head;
  /** The next entries, at most so many; called when a command is free. */
  take(entriesMax: number): DenseEntry<Entry, Stored>[];
}

interface Passenger<Entry, Stored> {
  readonly room: WaitingRoom<Entry, Stored>;
  readonly done: (rest: readonly DenseEntry<Entry, Stored>[]) => void;
}

/** One room's share of a command. */
interface Share<Entry, Stored extends mongo.Document> extends Passenger<Entry, Stored> {
  readonly entries: readonly DenseEntry<Entry, Stored>[];
  readonly documents: mongo.OptionalUnlessRequiredId<Stored>[];
}

export function createDenseGroups<Entry, Stored extends mongo.Document & { seq: number }>(
  { label, toDocument }: Pick<DenseInsertOptions<Entry, Stored>, "label" | "toDocument">,
  insert: DenseInsert<Entry, Stored>["insert"],
): DenseGroups<Entry, Stored> {
  let waiting: Passenger<Entry, Stored>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  return {
    write: (room) =>
      new Promise((done) => {
        waiting.push({ room, done });
        schedule();
      }),
  };

  function schedule(): void {
    if (isScheduled || inFlight >= LIMITS.appendGroupsInFlightMax) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const shares = board();
      if (shares.length > 0) void fly(shares);
      if (waiting.length > 0) schedule();
    });
  }

  /** In the order in which the rooms came, until the command is full. */
  function board(): Share<Entry, Stored>[] {
    const shares: Share<Entry, Stored>[] = [];
    let left: number = LIMITS.appendGroupMessagesMax;
    let boarded = 0;
    for (const passenger of waiting) {
      if (left === 0) break;
      boarded += 1;
      const entries = passenger.room.take(Math.min(left, LIMITS.appendBatchMessagesMax));
      const share = shareOf(passenger, entries);
      if (share === null) continue;
      left -= entries.length;
      shares.push(share);
    }
    waiting = waiting.slice(boarded);
    return shares;
  }

  /** Null where the documents cannot be made: a mistake of ours ends these entries, not those of other rooms. */
  function shareOf(
    passenger: Passenger<Entry, Stored>,
    entries: readonly DenseEntry<Entry, Stored>[],
  ): Share<Entry, Stored> | null {
    const first = (passenger.room.head.seq ?? 0) + 1;
    try {
      const documents = entries.map(({ entry }, index) => toDocument(entry, first + index));
      return { ...passenger, entries, documents };
    } catch (error) {
      settleAll(entries, cannotBeWritten(error));
      passenger.done([]);
      return null;
    }
  }

  async function fly(shares: readonly Share<Entry, Stored>[]): Promise<void> {
    inFlight += 1;
    let rest = shares;
    while (rest.length > 0) rest = await writeShares(rest);
    inFlight -= 1;
    if (waiting.length > 0) schedule();
  }

  /** One command. Returns the shares behind the one that met a duplicate: nothing of them was tried. */
  async function writeShares(shares: readonly Share<Entry, Stored>[]): Promise<readonly Share<Entry, Stored>[]> {
    const written = await insert(shares.flatMap(({ documents }) => documents)).catch(cannotBeWritten);
    if (!written.ok) {
      for (const { room, entries, done } of shares) {
        room.head.seq = null;
        settleAll(entries, written);
        done([]);
      }
      return [];
    }
    let stored = written.value;
    for (const [index, share] of shares.entries()) {
      const count = Math.min(stored, share.entries.length);
      stored -= count;
      settleStored(share, count);
      share.done(share.entries.slice(count));
      if (count < share.entries.length) return shares.slice(index + 1);
    }
    return [];
  }

  function settleStored({ room, entries, documents }: Share<Entry, Stored>, count: number): void {
    for (const [index, one] of entries.slice(0, count).entries()) {
      one.settle(ok({ stored: documents[index] as Stored, repeated: false }));
    }
    room.head.seq = (room.head.seq ?? 0) + count;
  }

  function cannotBeWritten(error: unknown) {
    return fail(appError("internal", `${label}: cannot be written`, { cause: error }));
  }
}
