import { describe, expect, it } from "vitest";
import { emailSchema } from "./email";

describe("emailSchema", () => {
  it.each([
    ["Ana@Example.COM ", "ana@example.com"],
    ["ana+chat@mail.example.org", "ana+chat@mail.example.org"],
    ["ana＠example.com", "ana@example.com"],
  ])("%j is kept as %s", (input, kept) => {
    expect(emailSchema.parse(input)).toBe(kept);
  });

  it.each([
    "ana@example",
    "ana@@example.com",
    "a@b.com,c@d.com",
    "a@b.com;c@d.com",
    "Ana <ana@example.com>",
    '"ana"@example.com',
    "ana(x)@example.com",
    "ana@exam ple.com",
    "ana@example.com\r\nBcc: x@y.zz",
    "ana..b@example.com",
    ".ana@example.com",
    "ana.@example.com",
    "=?utf-8?q?ana=40example.net=3e?=@example.com",
    "аna@example.com",
    `${"a".repeat(65)}@example.com`,
    `a@${"b".repeat(260)}.com`,
    "@example.com",
  ])("refuses %j", (input) => {
    expect(emailSchema.safeParse(input).success).toBe(false);
  });
});
