import { describe, expect, it } from "vitest";
import { createGate } from "./gate";

it("lets no more in at once than it may, makes some wait in order, and turns the others away", async () => {
  const gate = createGate({ atOnceMax: 2, waitingMax: 2, waitMsMax: 60_000 });
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
  const gate = createGate({ atOnceMax: 1, waitingMax: 0, waitMsMax: 60_000 });
  await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.run(async () => "in")).toEqual({ entered: true, value: "in" });
});

describe("whoever waits leaves the queue, and its place is another's,", () => {
  /** A gate with one inside who ends when told, and one behind whoever is tried. */
  async function tryBetween(options: { waitMsMax: number; signal?: AbortSignal }, giveUp: () => void) {
    const gate = createGate({ atOnceMax: 1, waitingMax: 2, waitMsMax: options.waitMsMax });
    let end = () => {};
    const first = gate.run(() => new Promise<void>((resolve) => (end = resolve)));
    const begun: string[] = [];
    const tried = gate.run(async () => void begun.push("tried"), options.signal);
    giveUp();
    const entered = await tried;
    const behind = [gate.run(async () => void begun.push("one")), gate.run(async () => void begun.push("two"))];
    end();
    await Promise.all([first, ...behind]);
    return { entered, begun };
  }

  it("when nobody waits for the answer any more", async () => {
    const leaving = new AbortController();
    const { entered, begun } = await tryBetween({ waitMsMax: 60_000, signal: leaving.signal }, () => leaving.abort());
    expect([entered, begun]).toEqual([{ entered: false }, ["one", "two"]]);
  });

  it("when it took too long", async () => {
    const { entered, begun } = await tryBetween({ waitMsMax: 1 }, () => {});
    expect([entered, begun]).toEqual([{ entered: false }, ["one", "two"]]);
  });
});

it("who has left before does not come in", async () => {
  const gate = createGate({ atOnceMax: 1, waitingMax: 1, waitMsMax: 60_000 });
  expect(await gate.run(async () => "in", AbortSignal.abort())).toEqual({ entered: false });
});
