import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { mongo } from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDenseLog, type DenseLogOptions } from "./dense-log";
import { must, testDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

interface Line {
  roomId: RoomId;
  seq: number;
  changeId: string;
}
type NewLine = Omit<Line, "seq">;

function newLog(overrides: Partial<DenseLogOptions<NewLine, Line>> = {}) {
  return createDenseLog<NewLine, Line>({
    label: "test",
    collection: () => database.raw.collection<Line>("changes"),
    roomOf: (line) => line.roomId,
    keyOf: (line) => line.changeId,
    keyFilter: ({ changeId }) => ({ changeId }),
    toDocument: (line, seq) => ({ ...line, seq }),
    ...overrides,
  });
}

function line(roomId: RoomId): NewLine {
  return { roomId, changeId: newClientId() };
}

async function seqsOf(roomId: RoomId): Promise<number[]> {
  const stored = await database.raw.collection<Line>("changes").find({ roomId }).sort({ seq: 1 }).toArray();
  return stored.map((one) => one.seq);
}

/** The real collection, but somebody else takes the next number before each of our inserts, `times` times. */
function contested(roomId: RoomId, times: number): () => mongo.Collection<Line> {
  const real = database.raw.collection<Line>("changes");
  let left = times;
  return () =>
    new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name !== "insertMany") return typeof value === "function" ? value.bind(target) : value;
        return async (lines: Line[], options: mongo.BulkWriteOptions) => {
          const seq = lines[0]?.seq ?? 1;
          if (left > 0) await target.insertOne({ ...line(roomId), seq });
          left -= 1;
          return target.insertMany(lines, options);
        };
      },
    });
}

describe("P11: overload is refused, not absorbed", () => {
  test("a writer that loses every race is told so after a bounded number of rounds, and nothing of it is stored", async () => {
    const roomId = newId("room");
    const log = newLog({ collection: contested(roomId, 1_000), random: () => 0 });
    const mine = line(roomId);
    const outcome = await log.append(mine);
    expect(outcome.ok ? "stored" : outcome.error).toMatchObject({ code: "overloaded", retryable: true });
    expect(await seqsOf(roomId)).toHaveLength(LIMITS.appendRoundsMax);
    expect(await database.raw.collection("changes").countDocuments({ ...mine })).toBe(0);
  });

  test("a writer that loses fewer races gets its number in the end", async () => {
    const roomId = newId("room");
    const log = newLog({ collection: contested(roomId, LIMITS.appendRoundsMax - 1), random: () => 0 });
    expect(must(await log.append(line(roomId))).stored.seq).toBe(LIMITS.appendRoundsMax);
  });

  test("beyond a full queue a room refuses at once; what was accepted is stored without holes", async () => {
    const roomId = newId("room");
    const log = newLog();
    const accepted = LIMITS.appendQueueMessagesMax;
    const appends = Array.from({ length: accepted + 30 }, () => log.append(line(roomId)));
    const outcomes = await Promise.all(appends);
    const refused = outcomes.filter((outcome) => !outcome.ok);
    expect(refused.map((outcome) => (outcome.ok ? "" : outcome.error.code))).toEqual(Array(30).fill("overloaded"));
    expect(await seqsOf(roomId)).toEqual(Array.from({ length: accepted }, (_, index) => index + 1));
  });

  test("what is remembered of quiet rooms is bounded, and a forgotten room goes on where it was", async () => {
    const log = newLog({ idleRoomsMax: 3 });
    const rooms = Array.from({ length: 8 }, () => newId("room"));
    for (const roomId of rooms) must(await log.append(line(roomId)));
    expect(log.roomCount()).toBe(3);
    for (const roomId of rooms) expect(must(await log.append(line(roomId))).stored.seq).toBe(2);
    expect(log.roomCount()).toBe(3);
  });
});

describe("a mistake of ours", () => {
  test("fails the entries that it concerns and leaves the room usable", async () => {
    const roomId = newId("room");
    const broken = line(roomId);
    const log = newLog({
      toDocument(one, seq) {
        if (one === broken) throw new Error("cannot be built");
        return { ...one, seq };
      },
    });
    const outcome = await log.append(broken);
    expect(outcome.ok ? "stored" : outcome.error.code).toBe("internal");
    expect(must(await log.append(line(roomId))).stored.seq).toBe(1);
  });
});
