"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useAnnounce } from "../../components/ui/announcer";
import { useMe, useRealtimeState, useRooms } from "../../realtime/react";

/** Tells assistive technology about new messages of others, in whichever room; one's own are not announced. */
export function useAnnounceMessages(): void {
  const t = useTranslations("conversation");
  const announce = useAnnounce();
  const { rooms, status } = useRooms();
  const me = useMe();
  const people = useRealtimeState((state) => state.people);
  const known = useRef<ReadonlyMap<string, number> | null>(null);

  useEffect(() => {
    if (status !== "ready") return;
    const before = known.current;
    known.current = new Map(rooms.map((room) => [room.roomId, room.lastMessage?.seq ?? 0]));
    // The first list is history, not news.
    if (before === null) return;
    for (const { roomId, lastMessage } of rooms) {
      if (lastMessage === null || lastMessage.senderId === me.profile.userId) continue;
      if (lastMessage.seq <= (before.get(roomId) ?? 0)) continue;
      announce({
        kind: "message",
        one: t("announceOne", { name: people.get(lastMessage.senderId)?.name ?? "" }),
        many: (count) => t("announceMany", { count }),
      });
    }
  }, [rooms, status, me.profile.userId, people, announce, t]);
}
