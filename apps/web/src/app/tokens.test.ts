import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const [normal = "", more = ""] = css.split("@media (prefers-contrast: more)");

type Tokens = ReadonlyMap<string, { light: string; dark: string }>;

/** Every `--name: light-dark(#light, #dark)` of a block. */
function tokensOf(block: string): Tokens {
  const found = block.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g);
  return new Map([...found].map(([, name = "", light = "", dark = ""]) => [name, { light, dark }]));
}

const base = tokensOf(normal);
const sets: Record<string, Tokens> = { normal: base, "high contrast": new Map([...base, ...tokensOf(more)]) };

/** WCAG 2.2 relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["canvas", "surface", "sunken", "hover", "notice-soft", "selected"];
const BUBBLES = ["bubble-own", "bubble-other"];
const AVATARS = Array.from({ length: 8 }, (_, index) => `avatar-${index + 1}`);
const across = (fronts: string[], grounds: string[]) =>
  fronts.flatMap((front) => grounds.map((ground) => [front, ground]));

/** Text on what it stands on. */
const TEXT_PAIRS = [
  ...across(["text", "text-muted", "accent-text", "danger"], GROUNDS),
  ...across(["bubble-text", "bubble-muted", "accent-text", "danger"], BUBBLES),
  ...across(["danger"], ["danger-soft"]),
  ...across(["text"], ["danger-soft"]),
  ...across(["success"], ["surface"]),
  ...across(["on-accent"], ["accent", "accent-hover"]),
  ...across(["canvas"], ["text"]),
  ...across(["on-avatar"], AVATARS),
  ...across(AVATARS, ["bubble-other"]),
];
/** Edges, icons and focus rings: what must be seen, not read. */
const UI_PAIRS = [
  ...across(["line-strong", "focus", "accent", "success", "danger"], ["canvas", "surface", "sunken"]),
  ...across(["focus"], [...GROUNDS, ...BUBBLES]),
];

describe.each(Object.entries(sets))("tokens, %s", (_, tokens) => {
  describe.each(["light", "dark"] as const)("%s", (theme) => {
    const ratio = ([front = "", ground = ""]: string[]) => {
      const [a, b] = [tokens.get(front), tokens.get(ground)];
      if (a === undefined || b === undefined) throw new Error(`no such token: ${front} or ${ground}`);
      return contrast(a[theme], b[theme]);
    };

    it("keep text at 4.5:1 or more", () => {
      expect(TEXT_PAIRS.filter((pair) => ratio(pair) < 4.5).map((pair) => [...pair, ratio(pair).toFixed(2)])).toEqual(
        [],
      );
    });

    it("keep what must be seen at 3:1 or more", () => {
      expect(UI_PAIRS.filter((pair) => ratio(pair) < 3).map((pair) => [...pair, ratio(pair).toFixed(2)])).toEqual([]);
    });
  });
});

describe("contrast", () => {
  it("is 21 for black on white", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  });
});
