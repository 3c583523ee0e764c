import { describe, expect, it } from "vitest";
import { withoutUnread, withUnread } from "./use-unread-title";

describe("withUnread", () => {
  it.each([
    [0, "Chats · AshChat"],
    [3, "(3) Chats · AshChat"],
    [99, "(99) Chats · AshChat"],
    [100, "(99+) Chats · AshChat"],
  ])("puts %i before the title, and it can be taken away again", (unread, wanted) => {
    expect(withUnread("Chats · AshChat", unread)).toBe(wanted);
    expect(withoutUnread(wanted)).toBe("Chats · AshChat");
  });
});
