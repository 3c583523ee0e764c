import { newId } from "@ashchat/contracts/ids";
import { describe, expect, it } from "vitest";
import { createRandomPool } from "./random-pool";

describe("random pool", () => {
  it("gives every byte out once: ids do not repeat, also beyond the block", () => {
    const random = createRandomPool();
    const ids = new Set(Array.from({ length: 10_000 }, () => newId("msg", random)));
    expect(ids.size).toBe(10_000);
  });

  it("gives as many bytes as asked for, and what was given does not change later", () => {
    const random = createRandomPool();
    const first = random(16);
    const copy = Uint8Array.from(first);
    for (let index = 0; index < 1_000; index += 1) expect(random(12)).toHaveLength(12);
    expect(first).toEqual(copy);
    expect(first.some((byte) => byte !== 0)).toBe(true);
  });
});
