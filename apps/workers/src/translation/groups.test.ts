import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createGroups } from "./groups";

/** Groups whose work ends when the test says so. */
function setUp(limits = { itemsMax: 4, inFlightMax: 2 }) {
  const begun: { items: readonly number[]; end: () => void }[] = [];
  const groups = createGroups<number, string>({
    ...limits,
    work: (items) =>
      new Promise((resolve, reject) => {
        const end = () =>
          items.includes(13) ? reject(new Error("unlucky")) : resolve(items.map((item) => `done ${item}`));
        begun.push({ items, end });
      }),
  });
  return { groups, begun, sizes: () => begun.map(({ items }) => items.length) };
}

it("what comes in one turn goes together at its end, a lone item at once", async () => {
  const { groups, begun } = setUp();
  const answers = Promise.all([1, 2, 3].map((item) => groups.bring(item)));
  await nextTurn();
  expect(begun.map(({ items }) => items)).toEqual([[1, 2, 3]]);
  const lone = groups.bring(4);
  await nextTurn();
  expect(begun.map(({ items }) => items)).toEqual([[1, 2, 3], [4]]);
  for (const { end } of begun) end();
  expect(await answers).toEqual(["done 1", "done 2", "done 3"]);
  expect(await lone).toBe("done 4");
});

it("a group has no more than its bound, and no more groups than theirs are under way: the rest shares the next", async () => {
  const { groups, begun, sizes } = setUp();
  const answers = Promise.all(Array.from({ length: 11 }, (_, item) => groups.bring(item)));
  await nextTurn();
  await nextTurn();
  expect(sizes()).toEqual([4, 4]);
  const late = groups.bring(99);
  await nextTurn();
  expect(sizes()).toEqual([4, 4]);
  begun[0]?.end();
  await nextTurn();
  await nextTurn();
  expect(begun.map(({ items }) => items)).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9, 10, 99],
  ]);
  begun[1]?.end();
  begun[2]?.end();
  expect(await answers).toHaveLength(11);
  expect(await late).toBe("done 99");
});

it("P10: where work throws for a group each is tried alone, and only the one that cannot be worked on fails", async () => {
  const { groups, begun } = setUp();
  const answers = [12, 13, 14].map((item) => groups.bring(item));
  const settled = Promise.allSettled(answers);
  for (let turn = 0; turn < 8; turn += 1) {
    await nextTurn();
    begun[turn]?.end();
  }
  expect(await settled).toMatchObject([
    { status: "fulfilled", value: "done 12" },
    { status: "rejected", reason: { message: "unlucky" } },
    { status: "fulfilled", value: "done 14" },
  ]);
  expect(begun.map(({ items }) => items)).toEqual([[12, 13, 14], [12], [13], [14]]);
  const next = groups.bring(1);
  await nextTurn();
  begun.at(-1)?.end();
  expect(await next).toBe("done 1");
});
