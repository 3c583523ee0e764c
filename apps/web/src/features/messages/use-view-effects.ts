"use client";

import type { Me } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import type { RoomId } from "@ashchat/contracts/ids";
import { useCallback, useEffect, useRef } from "react";
import { useRealtime } from "../../realtime/react";
import { wantsTranslation } from "../../realtime/wants-translation";
import type { TimelineRow } from "./timeline";

/** A message must be in sight this long before a translation is asked for: most are on their way by themselves. */
const SETTLE_MS = 400;

/**
 * What follows from messages being in sight: they are read (when somebody is looking at the window, and they `mayMark`), and
 * those without a translation that they should have get one asked for.
 */
export function useViewEffects(roomId: RoomId, me: Me, mayMark: boolean): (rows: readonly TimelineRow[]) => void {
  const client = useRealtime();
  const view = useRef<{ rows: readonly TimelineRow[]; me: Me; mayMark: boolean }>({ rows: [], me, mayMark });
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const markSeen = useCallback(() => {
    if (!view.current.mayMark) return;
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    const seq = lastSeq(view.current.rows);
    if (seq > 0) client.markRead(roomId, seq);
  }, [client, roomId]);

  const askForTranslations = useCallback(() => {
    timer.current = null;
    const seqs = view.current.rows.flatMap((row) =>
      row.kind === "message" && wantsTranslation(row.message, view.current.me) ? [row.message.seq] : [],
    );
    if (seqs.length > 0) client.requestTranslation(roomId, seqs.slice(-LIMITS.translateOnViewMessagesMax));
  }, [client, roomId]);

  useEffect(() => {
    window.addEventListener("focus", markSeen);
    document.addEventListener("visibilitychange", markSeen);
    return () => {
      window.removeEventListener("focus", markSeen);
      document.removeEventListener("visibilitychange", markSeen);
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [markSeen]);

  return useCallback(
    (rows) => {
      view.current = { rows, me, mayMark };
      markSeen();
      timer.current ??= setTimeout(askForTranslations, SETTLE_MS);
    },
    [me, mayMark, markSeen, askForTranslations],
  );
}

function lastSeq(rows: readonly TimelineRow[]): number {
  for (const row of rows.toReversed()) if (row.kind === "message") return row.message.seq;
  return 0;
}
