import { describe, expect, it } from "vitest";
import { isPinned, type ScrollPlace } from "./pinning";

const place = (fields: Partial<ScrollPlace>): ScrollPlace => ({
  offset: 1_400,
  scrollSize: 2_000,
  viewportSize: 600,
  viewportWidth: 800,
  ...fields,
});
const pinned = { pinned: true, ...place({}) };

describe("isPinned", () => {
  it("lets go only when the reader goes up", () => {
    expect(isPinned(pinned, place({ offset: 1_200 }))).toBe(false);
  });

  it("stays when the content or the window changes its size", () => {
    expect(isPinned(pinned, place({ scrollSize: 2_300 }))).toBe(true);
    expect(isPinned(pinned, place({ viewportSize: 300 }))).toBe(true);
  });

  it("stays when a new size of the window makes the browser move the list", () => {
    expect(isPinned(pinned, place({ viewportSize: 700, offset: 1_300, scrollSize: 2_100 }))).toBe(true);
    expect(isPinned(pinned, place({ viewportWidth: 320, offset: 900, scrollSize: 2_600 }))).toBe(true);
  });

  it("takes hold again at the end, and not before", () => {
    const before = { ...place({ offset: 900 }), pinned: false };
    expect(isPinned(before, place({ offset: 1_300 }))).toBe(false);
    expect(isPinned(before, place({ offset: 1_395 }))).toBe(true);
  });
});
