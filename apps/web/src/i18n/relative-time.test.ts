import { describe, expect, it } from "vitest";
import { relativeTime } from "./relative-time";

const NOW = new Date(2026, 2, 12, 12, 0).getTime();
const MINUTE = 60_000;

describe("relativeTime", () => {
  it.each([
    [0, "this minute"],
    [-5 * MINUTE, "this minute"],
    [5 * MINUTE, "5 minutes ago"],
    [3 * 60 * MINUTE, "3 hours ago"],
    [25 * 60 * MINUTE, "yesterday"],
    [40 * 24 * 60 * MINUTE, "Jan 31, 2026"],
  ])("%i ms ago reads %s", (ago, text) => {
    expect(relativeTime(NOW - ago, NOW, "en")).toBe(text);
  });
});
