import { appError } from "@ashchat/contracts/errors";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createHeadReads } from "./head-reads";

function setUp() {
  const reads = new Map<
    RoomId,
    { end: (head: Result<number, ReturnType<typeof appError>>) => void; fall: () => void }
  >();
  const read = createHeadReads(
    (roomId) =>
      new Promise((resolve, reject) => {
        reads.set(roomId, { end: resolve, fall: () => reject(new Error("a mistake")) });
      }),
  );
  return { read, reads };
}

test("heads that are asked for in one turn are answered in one turn, each with its own; a later one waits for none of them", async () => {
  const { read, reads } = setUp();
  const [one, two, three] = [newId("room"), newId("room"), newId("room")];
  const answered: string[] = [];
  const note = (name: string) => () => void answered.push(name);
  const asked = [one, two].map((roomId, index) => read(roomId).finally(note(`first ${index}`)));
  await nextTurn();
  const later = read(three).finally(note("later"));
  await nextTurn();
  reads.get(one)?.end(ok(7));
  reads.get(three)?.end(ok(9));
  await nextTurn();
  expect(answered).toEqual(["later"]);
  reads.get(two)?.end(fail(appError("timeout", "test")));
  expect(await Promise.all(asked)).toMatchObject([ok(7), { ok: false }]);
  expect(await later).toEqual(ok(9));
});

test("one that is a mistake rejects alone", async () => {
  const { read, reads } = setUp();
  const [one, two] = [newId("room"), newId("room")];
  const settled = Promise.allSettled([read(one), read(two)]);
  await nextTurn();
  reads.get(one)?.fall();
  reads.get(two)?.end(ok(2));
  expect(await settled).toMatchObject([{ status: "rejected" }, { status: "fulfilled", value: ok(2) }]);
});

test("no more wait for each other than are read side by side", async () => {
  const { read, reads } = setUp();
  const rooms = Array.from({ length: LIMITS.databaseParallelReads + 1 }, () => newId("room"));
  const asked = rooms.map((roomId) => read(roomId));
  await nextTurn();
  reads.get(rooms.at(-1) ?? newId("room"))?.end(ok(1));
  expect(await asked.at(-1)).toEqual(ok(1));
  for (const { end } of reads.values()) end(ok(1));
  expect(await Promise.all(asked)).toHaveLength(rooms.length);
});
