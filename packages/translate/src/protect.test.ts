import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutAtPlaceholders, protect, restore } from "./protect";

const FRAGMENTS = [
  "hello",
  "señor",
  "привет",
  "你好",
  "ありがとう",
  "مرحبا",
  "see",
  "I",
  ".",
  ",",
  "!",
  "?",
  " ",
  "  ",
  "\n",
  "\t",
  "(",
  ")",
  "«",
  "»",
  "'",
  "",
  "https://example.org/a?b=c#d",
  "example.com",
  "www.example.org/ü",
  "ana@example.org",
  "mailto:x@y.org",
  "@ana-4k7q",
  "@ana",
  "@",
  "`code`",
  "```\nlet x = 1;\n```",
  "`",
  "⟦0⟧",
  "⟦",
  "⟧",
  "⟦ 1 ⟧",
  "⟧⟦",
  "2024-01-31T10:00:00Z",
  "v1.2.3",
  "AB-1234",
  "#123",
  "#",
  "deadbeef1",
  "0xFF",
  "3pm",
  "1,234.50",
  "😀",
  "👨‍👩‍👧‍👦",
  "🇪🇸",
  "1️⃣",
  "👍🏽",
  "☺",
  "❤️",
  "AshChat",
  "\u200D",
  "\uFE0F",
  "e\u0301",
] as const;

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 30 }).map((parts) => parts.join("")),
);

function partsOf(text: string, terms: readonly string[] = []): string[] {
  return protect(text, terms).parts.map((part) => part.text);
}

function restored(answer: string, text: string): string | null {
  const result = restore(answer, protect(text).parts);
  return result.ok ? result.value : null;
}

describe("the round trip", () => {
  test("gives any text back when nothing was translated", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const safe = protect(text, ["AshChat"]);
        expect(restore(safe.text, safe.parts)).toEqual({ ok: true, value: text });
      }),
      { numRuns: 1000 },
    );
  });

  test("gives the text back through the pieces of an engine that loses placeholders", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const safe = protect(text);
        const { pieces, join } = cutAtPlaceholders(safe);
        expect(pieces.filter((piece) => /⟦\d+⟧/u.test(piece))).toEqual([]);
        expect(join(pieces)).toBe(safe.text);
      }),
    );
  });

  test("every part survives an engine that reorders the words and changes the space around them", () => {
    fc.assert(
      fc.property(anyText, fc.infiniteStream(fc.nat()), (text, stream) => {
        const safe = protect(text);
        const random = () => Number(stream.next().value);
        const tokens = safe.text
          .split(/(⟦\d+⟧)/u)
          .map((token) => token.replace(/^⟦(\d+)⟧$/u, random() % 2 ? "⟦ $1 ⟧" : "⟦$1⟧"));
        const shuffled = tokens.map((token) => ({ token, key: random() })).sort((a, b) => a.key - b.key);
        const result = restore(shuffled.map(({ token }) => token).join(random() % 2 ? " " : ""), safe.parts);
        expect(result.ok).toBe(true);
        for (const part of safe.parts) expect(result.ok && result.value.includes(part.text)).toBe(true);
      }),
    );
  });

  test("is refused when an engine drops, repeats or invents a placeholder", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, choice) => {
        const safe = protect(text);
        fc.pre(safe.parts.length > 0);
        const victim = `⟦${choice % safe.parts.length}⟧`;
        for (const answer of [
          safe.text.replace(victim, ""),
          safe.text.replace(victim, victim + victim),
          `${safe.text}⟦${safe.parts.length}⟧`,
          safe.text.replace(victim, victim.slice(1)),
        ]) {
          expect(restore(answer, safe.parts)).toMatchObject({ ok: false, error: { reason: "placeholder_lost" } });
        }
      }),
    );
  });
});

describe("what is protected", () => {
  test.each([
    ["look at https://example.org/a_b?c=d&e, please", ["https://example.org/a_b?c=d&e"]],
    ["example.com and www.example.org/x.", ["example.com", "www.example.org/x"]],
    ["write to ana@example.org!", ["ana@example.org"]],
    ["hi @ana-4k7q, and @Łukasz.", ["@ana-4k7q", "@Łukasz"]],
    ["run `npm test` then\n```\nls -l\n```\nok", ["`npm test`", "```\nls -l\n```"]],
    ["on 2024-01-31 at 2024-01-31T10:00:00Z", ["2024-01-31", "2024-01-31T10:00:00Z"]],
    ["use v1.2.3 or 10.0.0.1 or 2.0.0-rc.1", ["v1.2.3", "10.0.0.1", "2.0.0-rc.1"]],
    ["order AB-1234 and #123 in #general", ["AB-1234", "#123", "#general"]],
    ["commit 7af7777c at 0xFF", ["7af7777c", "0xFF"]],
    ["id 123e4567-e89b-12d3-a456-426614174000 ok", ["123e4567-e89b-12d3-a456-426614174000"]],
    ["my tag is ana-4k7q", ["ana-4k7q"]],
    ["看https://a.org/x 和https://b.org", ["https://a.org/x", "https://b.org"]],
    ["你好@ana-4k7q你好吗", ["@ana-4k7q"]],
    ["@用户 你好", ["@用户"]],
    ["订单AB-1234已发货，v2版本", ["AB-1234", "v2"]],
    ["これhttps://a.org/xです@benさん", ["https://a.org/xです@benさん"]],
    ["nice 👨‍👩‍👧‍👦 day 🇪🇸 1️⃣ 👍🏽 ☺", ["👨‍👩‍👧‍👦", "🇪🇸", "1️⃣", "👍🏽", "☺"]],
    ["⟦0⟧ is ours", ["⟦", "⟧"]],
  ])("%j", (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test.each([
    "see you at 3pm",
    "it costs 1,234.50 euros",
    "the 2nd of May 2024",
    "50% of 10 km",
    "a well-known café",
    "¿qué?",
    "facade and added",
  ])("language stays with the engine: %j", (text) => {
    expect(partsOf(text)).toEqual([]);
  });

  test("terms of the glossary, whole words and as written", () => {
    expect(partsOf("AshChat is not ashchat or AshChats; C++ (x)", ["AshChat", "C++"])).toEqual(["AshChat", "C++"]);
  });

  test("a link in code is code, a number in a link is a link", () => {
    expect(protect("`https://a.org` https://a.org/v1.2.3").parts.map((part) => part.kind)).toEqual(["code", "link"]);
  });
});

test.each(["😀 👍🏽", "https://example.org", "12:30 - 14:00", "@ana #123", "…!?", "42", "`x`"])(
  "%j has nothing to translate",
  (text) => {
    expect(protect(text).hasWords).toBe(false);
  },
);

test("every emoji that Unicode recommends is one part, with its variants", () => {
  const recommended = new RegExp("^\\p{RGI_Emoji}$", "v");
  const emoji = ["👨‍👩‍👧‍👦", "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "🏳️‍🌈", "👩🏽‍❤️‍💋‍👨🏿", "👁️‍🗨️"];
  for (let codePoint = 0; codePoint < 0x1_fb00; codePoint += 1) {
    const base = String.fromCodePoint(codePoint);
    emoji.push(
      ...[base, `${base}\uFE0F`, `${base}\u{1F3FD}`, `${base}\uFE0F\u20E3`].filter((text) => recommended.test(text)),
    );
  }
  expect(emoji.length).toBeGreaterThan(1_500);
  expect(emoji.filter((text) => partsOf(`a ${text} b`)[0] !== text)).toEqual([]);
});

describe("mending", () => {
  test("a link is never glued to a word or to another link", () => {
    expect(restored("mira⟦0⟧y⟦1⟧ya", "see https://a.org and https://b.org now")).toBe(
      "mira https://a.org y https://b.org ya",
    );
    expect(restored("⟦0⟧⟦1⟧", "https://a.org https://b.org")).toBe("https://a.org https://b.org");
    expect(restored("mira⟦0⟧", "https://a.org look")).toBe("mira https://a.org");
  });

  test.each([
    ["hi", "यह देखिए मेरे⟦0⟧", "यह देखिए मेरे https://a.org"],
    ["bn", "এই দেখো⟦0⟧", "এই দেখো https://a.org"],
    ["ar", "انظر إلى هذاً⟦0⟧", "انظر إلى هذاً https://a.org"],
  ])("nor to a word that ends in a vowel sign: %s", (_language, answer, expected) => {
    expect(restored(answer, "look at this https://a.org")).toBe(expected);
  });

  test("a text that has no spaces of its own gets them where the translation needs them", () => {
    expect(restored("Look at⟦0⟧", "看https://a.org")).toBe("Look at https://a.org");
    expect(restored("⟦0⟧How are you", "@ana你好吗")).toBe("@ana How are you");
    expect(restored("⟦0⟧⟦1⟧", "@ana和@ben")).toBe("@ana @ben");
    expect(restored("请看⟦0⟧", "看https://a.org")).toBe("请看https://a.org");
  });

  test("what was written together stays together", () => {
    expect(restored("el⟦0⟧s", "the😀s")).toBe("el😀s");
    expect(restored("⟦0⟧⟦1⟧ hola", "@ana😀 hello")).toBe("@ana😀 hola");
  });

  test("digits of another script and spaces inside are read", () => {
    expect(restored("مرحبا ⟦ ٠ ⟧", "hello @ana")).toBe("مرحبا @ana");
    expect(restored("你好 ⟦０⟧", "hello @ana")).toBe("你好 @ana");
  });
});
