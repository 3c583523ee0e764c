"use client";

import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";
import { distanceToEnd, isPinned, type ScrollPlace } from "./pinning";
import type { TimelineRow } from "./timeline";

/** Older messages are fetched this long before their place comes into sight. Pixels. */
const PREFETCH_PX = 800;
/** So much of what was read before stays in sight above the unread separator. Pixels. */
const UNREAD_MARGIN_PX = 72;

interface ListScrollInput {
  virtualizer: RefObject<VirtualizerHandle | null>;
  /** The element that scrolls. */
  scroller: RefObject<HTMLElement | null>;
  rows: readonly TimelineRow[];
  firstSeq: number | null;
  windowKey: string;
  hasOlder: boolean;
  hasNewer: boolean;
  isLoadingOlder: boolean;
  isLoadingNewer: boolean;
  onLoadOlder: () => void;
  onLoadNewer: () => void;
  onView: (rows: readonly TimelineRow[], pinned: boolean) => void;
}

/**
 * Where the reader is and what that means. `pinned` = the reader is at the end and stays there while the list grows;
 * it is kept in a ref, because a scroll must not draw anything by itself.
 */
export function useListScroll(input: ListScrollInput) {
  const { virtualizer, scroller, rows, firstSeq, windowKey } = input;
  const place = useRef({ pinned: true, offset: 0, scrollSize: 0, viewportSize: 0, viewportWidth: 0 });
  const openedWindow = useRef<string | null>(null);
  // The separator at which the list opened: kept in place until the reader moves, while bubbles take their sizes.
  const opensAtUnread = useRef(false);
  const [isFarFromEnd, setFarFromEnd] = useState(false);
  const [topDay, setTopDay] = useState<number | null>(null);
  const shift = useIsPrepended(firstSeq);
  const lastPending = rows.at(-1)?.kind === "pending" ? rows.at(-1)?.key : null;

  function goToEnd(): void {
    place.current.pinned = true;
    opensAtUnread.current = false;
    if (rows.length > 0) virtualizer.current?.scrollToIndex(rows.length - 1, { align: "end" });
  }

  function report(): void {
    const list = virtualizer.current;
    const element = scroller.current;
    if (list === null || element === null || rows.length === 0) return;
    const first = list.findItemIndex(list.scrollOffset);
    const last = list.findItemIndex(list.scrollOffset + list.viewportSize - 1);
    const toEnd = distanceToEnd(placeOf(element));
    setFarFromEnd(toEnd > element.clientHeight);
    setTopDay(list.scrollOffset > 0 ? dayAbove(rows, first) : null);
    input.onView(rows.slice(first, last + 1), place.current.pinned);
    if (list.scrollOffset < PREFETCH_PX && input.hasOlder && !input.isLoadingOlder) input.onLoadOlder();
    if (toEnd < PREFETCH_PX && input.hasNewer && !input.isLoadingNewer) input.onLoadNewer();
  }

  function handleScroll(): void {
    if (scroller.current === null) return;
    const now = placeOf(scroller.current);
    place.current = { ...now, pinned: isPinned(place.current, now) };
    report();
  }

  function goToUnread(): void {
    const unread = rows.findIndex((row) => row.kind === "unread");
    if (unread >= 0) virtualizer.current?.scrollToIndex(unread, { align: "start", offset: -UNREAD_MARGIN_PX });
  }

  /** After anything but the reader changed the list: back to where the reader is meant to be. */
  function settle(): void {
    if (scroller.current !== null) {
      const { viewportSize, viewportWidth } = placeOf(scroller.current);
      place.current = { ...place.current, viewportSize, viewportWidth };
    }
    if (opensAtUnread.current) goToUnread();
    else if (place.current.pinned && !input.hasNewer) goToEnd();
    report();
  }

  /** The reader has taken hold of the list. */
  function handleReader(): void {
    opensAtUnread.current = false;
  }

  // Opening: at the separator where there is one, else at the end.
  useLayoutEffect(() => {
    if (openedWindow.current === windowKey || rows.length === 0) return;
    openedWindow.current = windowKey;
    opensAtUnread.current = rows.some((row) => row.kind === "unread");
    place.current.pinned = !opensAtUnread.current;
    if (opensAtUnread.current) goToUnread();
    else goToEnd();
  });

  // One's own new message is always gone to.
  useLayoutEffect(() => {
    if (!lastPending) return;
    place.current.pinned = true;
    opensAtUnread.current = false;
  }, [lastPending]);

  useEffect(() => {
    settle();
    // Whenever the rows are others; what is called looks at the newest state.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [rows]);

  return { shift, isFarFromEnd, topDay, handleScroll, handleReader, settle, goToEnd };
}

/** True in the one drawing in which messages were put before the first. */
function useIsPrepended(firstSeq: number | null): boolean {
  const previous = useRef(firstSeq);
  const isPrepended = previous.current !== null && firstSeq !== null && firstSeq < previous.current;
  useLayoutEffect(() => {
    previous.current = firstSeq;
  });
  return isPrepended;
}

function placeOf(element: HTMLElement): ScrollPlace {
  return {
    offset: element.scrollTop,
    scrollSize: element.scrollHeight,
    viewportSize: element.clientHeight,
    viewportWidth: element.clientWidth,
  };
}

/** The day of the topmost row in sight; null where its separator is in sight itself. */
function dayAbove(rows: readonly TimelineRow[], first: number): number | null {
  const top = rows[first];
  if (top === undefined || top.kind === "day") return null;
  for (let index = first; index >= 0; index -= 1) {
    const row = rows[index];
    if (row?.kind === "day") return row.at;
  }
  return null;
}
