"use client";

import { useState } from "react";
import type { Conversation } from "../../realtime/state";

/**
 * After which seq the unread separator stands: decided once, when the room opens, and kept while it is open. Null =
 * nothing was unread then; what comes later is not "new since the last visit".
 */
export function useUnreadAfter(conversation: Conversation | null): number | null {
  const [decided, setDecided] = useState<{ after: number | null } | null>(null);
  if (decided === null && conversation?.status === "ready") {
    const { openedReadSeq, head } = conversation;
    setDecided({ after: openedReadSeq < head ? openedReadSeq : null });
  }
  return decided?.after ?? null;
}
