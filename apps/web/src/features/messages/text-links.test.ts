import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textParts } from "./text-links";

const isWeb = (href: string | null) => href === null || /^https?:\/\//iu.test(href);
const linksOf = (text: string) => textParts(text).flatMap(({ href }) => href ?? []);

describe("textParts", () => {
  it.each([
    ["see https://example.org/a?b=c#d now", ["https://example.org/a?b=c#d"]],
    ["(https://example.org).", ["https://example.org"]],
    ["https://example.org/a_(b), https://example.org/c!", ["https://example.org/a_(b)", "https://example.org/c"]],
    ["انظر https://example.org/خريطة؟", ["https://example.org/خريطة"]],
    ["HTTPS://EXAMPLE.ORG", ["HTTPS://EXAMPLE.ORG"]],
  ])("finds the addresses in %j", (text, links) => {
    expect(linksOf(text)).toEqual(links);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,hello",
    "example.org",
    "https://",
    "https://bank.example@evil.example/",
    "mailto:ana@example.org",
  ])("makes no link of %j", (text) => {
    expect(linksOf(text)).toEqual([]);
  });

  it("loses and adds nothing: the parts joined are the text, and every link is http or https", () => {
    const piece = fc.constantFrom("https://", "http://a.example", "/b_", ")", "(", ".", " ", "@", "\n", "é", "😀", "؟");
    const pieces = fc.array(piece, { maxLength: 12 });
    fc.assert(
      fc.property(pieces, (texts) => {
        const text = texts.join("");
        const parts = textParts(text);
        return parts.map((part) => part.text).join("") === text && parts.every(({ href }) => isWeb(href));
      }),
    );
  });
});
