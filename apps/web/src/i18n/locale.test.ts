import { describe, expect, it } from "vitest";
import { acceptedTags, resolveLocale } from "./locale";
import { regionalLocale } from "./regional-locale";
import { hasLocaleCookie, localeCookie } from "./locale-cookie";

describe("resolveLocale", () => {
  it.each([
    ["fr", "es", "fr"],
    ["xx", "es-AR,es;q=0.9,en;q=0.8", "es"],
    [undefined, "de,pt-BR;q=0.7,en;q=0.6", "pt"],
    [undefined, "en;q=0.1,fr;q=0.9", "fr"],
    [undefined, "es;q=0,fr;q=0.1", "fr"],
    [undefined, "*", "en"],
    [undefined, null, "en"],
    ["__proto__", ";;;q=,,", "en"],
  ])("takes a valid choice (%j) before the browser's wish (%j): %s", (cookie, accept, expected) => {
    expect(resolveLocale(cookie, accept)).toBe(expected);
  });
});

describe("acceptedTags", () => {
  it("looks at a bounded number of tags", () => {
    expect(acceptedTags(Array.from({ length: 1_000 }, () => "en").join(",")).length).toBeLessThanOrEqual(20);
  });
});

describe("localeCookie", () => {
  it("can be read back by the server and is for secure pages only where the page is one", () => {
    expect(localeCookie("pt", true)).toMatch(/^ashchat\.locale=pt; Path=\/;.*; Secure$/);
    expect(localeCookie("pt", false)).not.toContain("Secure");
    expect(hasLocaleCookie(`a=b; ${localeCookie("pt", false).split("; ")[0]}`)).toBe(true);
    expect(hasLocaleCookie("xashchat.locale=pt")).toBe(false);
  });
});

describe("regionalLocale", () => {
  it("takes the person's region for the language that is shown, and no other language's", () => {
    expect(regionalLocale("en", ["es-AR", "en-GB", "en-US"])).toBe("en-GB");
    expect(regionalLocale("pt", ["es-AR", "en-GB"])).toBe("pt");
    expect(regionalLocale("en", ["en"])).toBe("en");
  });
});
