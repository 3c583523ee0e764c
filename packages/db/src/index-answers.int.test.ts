import { mongo } from "mongoose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "./testing";

const ROOMS = ["a", "b", "c"];
const WRITES = 600;
const QUERIES = 400;
const DAY_MS = 86_400_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** A generator of numbers in [0, below) that gives the same ones for the same seed (a linear congruential one). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Write =
  | { kind: "insert"; document: { _id: number; room: string; n: number; tag?: string; dueAt?: Date } }
  | { kind: "move"; _id: number; room: string; n: number }
  | { kind: "mark"; _id: number; dueAt: Date | undefined }
  | { kind: "delete"; _id: number };

function makeWrites(upTo: (below: number) => number): Write[] {
  return Array.from({ length: WRITES }, (_, at): Write => {
    const earlier = upTo(at + 1);
    const due = new Date(upTo(1_000) * DAY_MS + at);
    const kind = upTo(10);
    if (kind < 6) {
      const document = { _id: at, room: ROOMS[upTo(ROOMS.length)] ?? "a", n: at };
      return {
        kind: "insert",
        document: { ...document, ...(kind < 3 ? { tag: `t${String(upTo(5))}`, dueAt: due } : {}) },
      };
    }
    if (kind < 7) return { kind: "move", _id: earlier, room: ROOMS[upTo(ROOMS.length)] ?? "a", n: WRITES + at };
    if (kind < 9) return { kind: "mark", _id: earlier, dueAt: upTo(2) === 0 ? due : undefined };
    return { kind: "delete", _id: earlier };
  });
}

function makeQuery(upTo: (below: number) => number) {
  const n = [
    {},
    { n: { $gt: upTo(WRITES) } },
    { n: { $gte: upTo(WRITES), $lt: upTo(WRITES) } },
    { n: { $lte: upTo(WRITES), $exists: true } },
    { n: upTo(WRITES) },
    { n: { $in: [upTo(WRITES), upTo(WRITES), upTo(WRITES)] } },
  ][upTo(6)];
  const room = [{}, { room: ROOMS[upTo(ROOMS.length)] }, { room: { $in: ["a", "c", "a"] } }, { room: "nowhere" }][
    upTo(4)
  ];
  const rest = [
    {},
    { tag: "t1" },
    { tag: { $in: ["t2", "t3"] } },
    { tag: null },
    { dueAt: { $lte: new Date(upTo(1_000) * DAY_MS) } },
  ][upTo(5)];
  const sort = [{ n: 1 }, { n: -1 }, { dueAt: 1, _id: 1 }, { _id: -1 }][upTo(4)] as Record<string, 1 | -1>;
  return {
    filter: { ...n, ...room, ...rest },
    sort,
    skip: upTo(3) === 0 ? upTo(5) : 0,
    limit: upTo(2) === 0 ? 1 + upTo(20) : 0,
  };
}

// The stand-in has indexes of its own making: one that forgets a document would hide a message.
test("no index changes an answer: the same writes and questions, with and without indexes", async () => {
  const upTo = numbers(7);
  const writes = makeWrites(upTo);
  const indexed = database.raw.collection<{ _id: number }>("indexed");
  const plain = database.raw.collection<{ _id: number }>("plain");
  await indexed.createIndex({ room: 1, n: 1 }, { unique: true });
  await indexed.createIndex({ tag: 1, room: 1 });
  for (const [at, write] of writes.entries()) {
    // One that is made over documents must know them as well as one that was there before them.
    if (at === WRITES / 2) await indexed.createIndex({ dueAt: 1 }, { sparse: true });
    for (const collection of [indexed, plain]) {
      if (write.kind === "insert") await collection.insertOne(write.document);
      else if (write.kind === "move")
        await collection.updateOne({ _id: write._id }, { $set: { room: write.room, n: write.n } });
      else if (write.kind === "delete") await collection.deleteOne({ _id: write._id });
      else if (write.dueAt) await collection.updateOne({ _id: write._id }, { $set: { dueAt: write.dueAt } });
      else await collection.updateOne({ _id: write._id }, { $unset: { dueAt: "" } });
    }
  }
  let found = 0;
  for (let at = 0; at < QUERIES; at += 1) {
    const { filter, sort, skip, limit } = makeQuery(upTo);
    const [with_, without] = await Promise.all(
      [indexed, plain].map((collection) => collection.find(filter).sort(sort).skip(skip).limit(limit).toArray()),
    );
    expect(with_, JSON.stringify({ filter, sort, skip, limit })).toEqual(without);
    found += with_?.length ?? 0;
  }
  // One value twice, also as two types of number, is one answer.
  const ns = (await plain.distinct("n")).slice(0, 3) as unknown as number[];
  const twice = { room: { $in: ROOMS }, n: { $in: [...ns, ...ns, ...ns.map((n) => new mongo.Double(n))] } };
  const [once, asPlain] = await Promise.all(
    [indexed, plain].map((collection) => collection.find(twice).sort({ _id: 1 }).toArray()),
  );
  expect([once?.length, once]).toEqual([ns.length, asPlain]);
  const alone = { room: "a", n: twice.n };
  expect(await indexed.find(alone).sort({ _id: 1 }).toArray()).toEqual(
    await plain.find(alone).sort({ _id: 1 }).toArray(),
  );
  expect(found).toBeGreaterThan(QUERIES);
  expect(await indexed.countDocuments({ room: "a" })).toBe(await plain.countDocuments({ room: "a" }));
});
