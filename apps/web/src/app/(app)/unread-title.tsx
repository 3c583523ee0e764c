"use client";

import { useTranslations } from "next-intl";
import { useSelectedLayoutSegments } from "next/navigation";
import { useUnreadTitle } from "../../features/rooms/use-unread-title";

/** On every page behind the door the tab says how much is unread; in a room, also whose room it is. */
export function UnreadTitle() {
  const t = useTranslations("app");
  const [page, roomId = null] = useSelectedLayoutSegments();
  useUnreadTitle(page === "chat" ? roomId : null, (name) => `${name} · ${t("name")}`);
  return null;
}
