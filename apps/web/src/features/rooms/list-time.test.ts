import { describe, expect, it } from "vitest";
import { listTime } from "./list-time";

const now = new Date(2026, 2, 12, 9, 30).getTime();

describe("listTime", () => {
  it.each([
    [new Date(2026, 2, 12, 0, 1), "00:01"],
    [new Date(2026, 2, 11, 23, 59), "Yesterday"],
    [new Date(2026, 1, 3, 12, 0), "3 Feb"],
    [new Date(2025, 1, 3, 12, 0), "03/02/25"],
  ])("says of %s: %s", (date, text) => {
    expect(listTime(date.getTime(), now, { locale: "en-GB", yesterday: "Yesterday" })).toBe(text);
  });
});
