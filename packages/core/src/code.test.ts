import { newId, userIdSchema } from "@ashchat/contracts/ids";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeFor, firstUnbiased, isSameCode } from "./code";

const subject = { purpose: "registration", registrationId: newId("usr"), sendNumber: 1 } as const;

describe("the code of a mail", () => {
  test("is six digits, the same for the same mail, another for every other mail, registration or secret", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 20 }), (secret, sendNumber) => {
        const code = codeFor(secret, { ...subject, sendNumber });
        expect(code).toMatch(/^[0-9]{6}$/);
        expect(codeFor(secret, { ...subject, sendNumber })).toBe(code);
      }),
    );
    const others = [
      codeFor("secret", { ...subject, sendNumber: 2 }),
      codeFor("secret", { ...subject, registrationId: newId("usr") }),
      codeFor("another", subject),
    ];
    expect(new Set([codeFor("secret", subject), ...others]).size).toBeGreaterThan(2);
  });

  test("has no likelier first digit: 5,000 codes, every digit within five standard deviations", () => {
    const steady = { ...subject, registrationId: userIdSchema.parse(`usr_${"0".repeat(26)}`) };
    const counts = Array.from({ length: 10 }, () => 0);
    const codes = 5_000;
    for (let sendNumber = 0; sendNumber < codes; sendNumber += 1) {
      const digit = Number(codeFor("secret", { ...steady, sendNumber })[0]);
      counts[digit] = (counts[digit] ?? 0) + 1;
    }
    const deviation = Math.sqrt(codes * 0.1 * 0.9);
    for (const count of counts) expect(Math.abs(count - codes / 10)).toBeLessThan(5 * deviation);
  });

  test.each([
    ["a word below the bound is taken", [0, 0, 0, 7], "000007"],
    ["the last word below the bound is taken", [0xff, 0xf1, 0x3d, 0x7f], "999999"],
    ["the first word at the bound is passed over", [0xff, 0xf1, 0x3d, 0x80, 0, 0, 0, 9], "000009"],
    ["nothing but words above the bound gives none", [0xff, 0xff, 0xff, 0xff], null],
    ["an incomplete word gives none", [0, 0, 1], null],
  ])("%s", (_name, bytes, code) => {
    expect(firstUnbiased(Uint8Array.from(bytes))).toBe(code);
  });

  test.each([
    ["123456", "123456", true],
    ["123456", "123457", false],
    ["123456", "12345", false],
    ["123456", "", false],
    ["123456", "１２３４５６", false],
  ])("%s against %s: %s", (expected, given, same) => {
    expect(isSameCode(expected, given)).toBe(same);
  });
});
