import { describe, expect, it } from "vitest";
import { safePath } from "./safe-path";

describe("safePath", () => {
  it.each(["/chat", "/chat/room_1", "/settings?x=1"])("keeps a path of this site: %s", (path) => {
    expect(safePath(path)).toBe(path);
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "",
    undefined,
    ["/a"],
    "/\n/x",
  ])("never leads to another site: %j", (path) => {
    expect(safePath(path)).toBe("/chat");
  });
});
