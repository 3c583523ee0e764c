import { describe, expect, it } from "vitest";
import { avatarTone, initialsOf } from "./avatar-look";

describe("avatarTone", () => {
  it("is the same for the same seed and one of the tones for any", () => {
    const seeds = Array.from({ length: 200 }, (_, index) => `seed-${index}`);
    const tones = seeds.map((seed) => avatarTone(seed));
    expect(tones).toEqual(seeds.map((seed) => avatarTone(seed)));
    expect(new Set(tones)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });
});

describe("initialsOf", () => {
  it.each([
    ["Ana", "A"],
    ["ana maría lópez", "AL"],
    ["李小龙", "李"],
    ["محمد علي", "مع"],
    ["  Ben  (work) ", "B"],
    ["👩‍👩‍👧", "👩‍👩‍👧"],
    ["", ""],
  ])("of %j are %j", (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});
