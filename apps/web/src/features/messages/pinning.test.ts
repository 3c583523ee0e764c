import { describe, expect, it } from "vitest";
import { isPinned } from "./pinning";

const viewportSize = 600;

describe("isPinned", () => {
  it("lets go only when the reader goes up", () => {
    expect(isPinned({ pinned: true, offset: 1_400 }, { offset: 1_200, scrollSize: 2_000, viewportSize })).toBe(false);
  });

  it("stays when the content or the window changes its size", () => {
    expect(isPinned({ pinned: true, offset: 1_400 }, { offset: 1_400, scrollSize: 2_300, viewportSize })).toBe(true);
    expect(isPinned({ pinned: true, offset: 1_400 }, { offset: 1_400, scrollSize: 2_000, viewportSize: 300 })).toBe(
      true,
    );
  });

  it("takes hold again at the end, and not before", () => {
    expect(isPinned({ pinned: false, offset: 900 }, { offset: 1_300, scrollSize: 2_000, viewportSize })).toBe(false);
    expect(isPinned({ pinned: false, offset: 900 }, { offset: 1_395, scrollSize: 2_000, viewportSize })).toBe(true);
  });
});
