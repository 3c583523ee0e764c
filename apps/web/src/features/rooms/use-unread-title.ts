"use client";

import { useEffect } from "react";
import { useRooms } from "../../realtime/react";

/** What `withUnread` puts before a title. */
const COUNT = /^\(\d+\+?\) /u;
const SHOWN_MAX = 99;

/** A title with the number of unread messages before it; as it is for zero. */
export function withUnread(title: string, unread: number): string {
  if (unread <= 0) return title;
  return `(${unread > SHOWN_MAX ? `${SHOWN_MAX}+` : unread}) ${title}`;
}

/** The title without the number. */
export function withoutUnread(title: string): string {
  return title.replace(COUNT, "");
}

/**
 * Shows in the tab how much is unread and, in a room, whose room it is. Pages bring their own titles whenever their
 * data arrive, so the head is watched instead of guessing when that is.
 */
export function useUnreadTitle(roomId: string | null, titleOf: (roomName: string) => string): void {
  const { rooms } = useRooms();
  const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
  const name = rooms.find((room) => room.roomId === roomId)?.name ?? "";
  const own = name === "" ? null : titleOf(name);

  useEffect(() => {
    function apply(): void {
      const wanted = withUnread(own ?? withoutUnread(document.title), unread);
      // Setting it is a change of the head as well: the same title again would never end.
      if (document.title !== wanted) document.title = wanted;
    }
    apply();
    const observer = new MutationObserver(apply);
    observer.observe(document.head, { childList: true, characterData: true, subtree: true });
    return () => observer.disconnect();
  }, [own, unread]);
}
