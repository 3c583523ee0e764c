// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { copyText } from "./copy-text";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("says that a text was copied", async () => {
  const copied: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  expect(await copyText("hola")).toBe(true);
  expect(copied).toEqual(["hola"]);
});

it.each([
  ["has no clipboard, as on a page without https", {}],
  ["refuses", { clipboard: { writeText: () => Promise.reject(new DOMException("no", "NotAllowedError")) } }],
])("says that it was not where the browser %s, and throws nothing", async (_, navigator) => {
  vi.stubGlobal("navigator", navigator);
  expect(await copyText("hola")).toBe(false);
});
