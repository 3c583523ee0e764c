import { describe, expect, it } from "vitest";
import { dayKey, dayName } from "./day";

const at = (year: number, month: number, day: number, hour = 12, minute = 0) =>
  new Date(year, month - 1, day, hour, minute).getTime();

describe("dayName", () => {
  const now = at(2026, 3, 1, 0, 5);

  it("says today from midnight on and yesterday across the end of a month", () => {
    expect(dayName(at(2026, 3, 1, 0, 0), now, "en")).toEqual({ kind: "today" });
    expect(dayName(at(2026, 2, 28, 23, 59), now, "en")).toEqual({ kind: "yesterday" });
  });

  it.each([
    ["en-GB", at(2026, 2, 12), "12 February"],
    ["es", at(2026, 2, 12), "12 de febrero"],
    ["fr", at(2025, 2, 12), "12 février 2025"],
    ["pt", at(2024, 12, 31), "31 de dezembro de 2024"],
  ])("writes other days as %s does, with the year only where it differs", (locale, time, text) => {
    expect(dayName(time, now, locale)).toEqual({ kind: "date", text });
  });
});

describe("dayKey", () => {
  it("is the same within a day and another one on the next", () => {
    expect(dayKey(at(2026, 3, 1, 0, 0))).toBe(dayKey(at(2026, 3, 1, 23, 59)));
    expect(dayKey(at(2026, 3, 1, 23, 59))).not.toBe(dayKey(at(2026, 3, 2, 0, 0)));
  });
});
