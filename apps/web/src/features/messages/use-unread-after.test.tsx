// @vitest-environment happy-dom
import { roomIdSchema } from "@ashchat/contracts/ids";
import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { useCleanConsole } from "../../i18n/testing";
import type { Conversation } from "../../realtime/state";
import { useUnreadAfter } from "./use-unread-after";

function aConversation(fields: Partial<Conversation>): Conversation {
  return {
    roomId: roomIdSchema.parse(`room_${"a".repeat(26)}`),
    status: "ready",
    error: null,
    messages: [],
    pending: [],
    hasOlder: false,
    hasNewer: false,
    isLoadingOlder: false,
    isLoadingNewer: false,
    head: 0,
    joinedSeq: 0,
    readSeq: 0,
    openedReadSeq: 0,
    members: [],
    typing: [],
    ...fields,
  };
}

const follow = (first: Conversation | null) =>
  renderHook(({ conversation }) => useUnreadAfter(conversation), { initialProps: { conversation: first } });

describe("useUnreadAfter", () => {
  useCleanConsole();

  it("stands where reading ended when the room opened, and does not move while it is open", () => {
    const { result, rerender } = follow(aConversation({ status: "loading" }));
    expect(result.current).toBeNull();
    rerender({ conversation: aConversation({ head: 9, openedReadSeq: 4 }) });
    expect(result.current).toBe(4);
    rerender({ conversation: aConversation({ head: 12, openedReadSeq: 4, readSeq: 12 }) });
    expect(result.current).toBe(4);
  });

  it("is nowhere when all was read, also after new messages come", () => {
    const { result, rerender } = follow(aConversation({ head: 9, openedReadSeq: 9 }));
    rerender({ conversation: aConversation({ head: 10, openedReadSeq: 9 }) });
    expect(result.current).toBeNull();
  });
});
