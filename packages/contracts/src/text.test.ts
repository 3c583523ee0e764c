import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits";
import { codePoints, lineSchema, normalizeText, textProblem } from "./text";

describe("textProblem", () => {
  it.each([
    ["", "text_empty"],
    ["\u200B\u200D\uFEFF", "text_empty"],
    ["a\u0000b", "text_control_characters"],
    ["abc\u202Etxt.exe", "text_control_characters"],
    ["a\u0085b", "text_control_characters"],
    ["\uD800", "text_malformed"],
    ["x\uDC00y", "text_malformed"],
    ["x".repeat(LIMITS.messageCodePointsMax + 1), "text_too_long"],
    ["😀".repeat(LIMITS.messageCodePointsMax + 1), "text_too_long"],
  ])("refuses %j", (text, code) => {
    expect(textProblem(text)).toBe(code);
  });

  it.each(["a", "line\nline\tend", "😀".repeat(LIMITS.messageCodePointsMax), "مرحبا", "👩‍👩‍👧", "क्‍ष"])(
    "accepts %j",
    (text) => {
      expect(textProblem(text)).toBeNull();
    },
  );

  it("counts code points, not UTF-16 units", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(codePoints(text)).toBe(Array.from(text).length);
      }),
    );
  });
});

describe("normalizeText", () => {
  it("is idempotent, so that what was checked is what is stored", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const once = normalizeText(text);
        expect(normalizeText(once)).toBe(once);
      }),
    );
  });

  it("makes composed and decomposed accents the same and line ends \\n", () => {
    expect(normalizeText("e\u0301\r\nx\r ")).toBe("é\nx");
  });
});

describe("lineSchema", () => {
  it("folds white space into one line and refuses what is empty or too long after that", () => {
    const schema = lineSchema(5);
    expect(schema.parse("  a \n b ")).toBe("a b");
    expect(schema.safeParse("   ").success).toBe(false);
    expect(schema.safeParse("123456").success).toBe(false);
    expect(schema.safeParse({ $gt: "" }).success).toBe(false);
  });
});
