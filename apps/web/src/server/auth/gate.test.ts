import { expect, it } from "vitest";
import { createGate } from "./gate";

it("lets no more in at once than it may, makes some wait in order, and turns the others away", async () => {
  const gate = createGate({ atOnceMax: 2, waitingMax: 2 });
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = (number: number) => () => {
    begun.push(number);
    return new Promise<number>((resolve) => {
      ends.push(() => resolve(number));
    });
  };
  const first = [1, 2, 3, 4].map((number) => gate.run(work(number)));
  expect(await gate.run(work(5))).toEqual({ entered: false });
  expect(begun).toEqual([1, 2]);
  for (const ended of [1, 2, 3, 4]) {
    ends.shift()?.();
    expect(await first[ended - 1]).toEqual({ entered: true, value: ended });
  }
  expect(begun).toEqual([1, 2, 3, 4]);
});

it("who fails leaves the gate like everybody else", async () => {
  const gate = createGate({ atOnceMax: 1, waitingMax: 0 });
  await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.run(async () => "in")).toEqual({ entered: true, value: "in" });
});
