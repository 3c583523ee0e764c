"use client";

import { useCallback, useEffect, useState } from "react";
import { useRealtime } from "../../realtime/react";
import type { Conversation } from "../../realtime/state";

interface UnreadPage {
  /** The page of the first unread message is on its way and will be shown instead of the newest. */
  isFetching: boolean;
  /**
   * Whether what is seen may be counted as read. Not where that page could not be fetched and what is shown begins after
   * it: the messages in between have never been on this device.
   */
  mayMark: boolean;
  /** The person wants to be at the end, whatever lies between. */
  skip(): void;
}

/** When the first unread message is further back than what is loaded, its page is fetched to be shown instead. */
export function useUnreadPage(conversation: Conversation, unreadAfter: number | null): UnreadPage {
  const client = useRealtime();
  const { roomId, messages, readSeq } = conversation;
  // Decided when the room opens: pages that are loaded later are the reader's own wish.
  const [first] = useState(messages[0]?.seq ?? 0);
  const [outcome, setOutcome] = useState<"here" | "missing" | null>(null);
  const isFetching = outcome === null && unreadAfter !== null && unreadAfter + 1 < first;
  useEffect(() => {
    if (!isFetching) return;
    let isCurrent = true;
    void client.loadAround(roomId, unreadAfter + 1).then((seq) => {
      if (isCurrent) setOutcome(seq === null ? "missing" : "here");
    });
    return () => {
      isCurrent = false;
    };
  }, [client, roomId, unreadAfter, isFetching]);
  const mayMark = outcome !== "missing" || (messages[0]?.seq ?? 0) <= readSeq + 1;
  return { isFetching, mayMark, skip: useCallback(() => setOutcome("here"), []) };
}
