"use client";

import { useTranslations } from "next-intl";
import { useState, type ReactNode } from "react";
import { Button } from "../../components/ui/button";
import { EmptyState } from "../../components/ui/empty-state";
import { Segmented } from "../../components/ui/segmented";
import { SkeletonList } from "../../components/ui/skeleton";
import { useMe, useRealtime, useRooms } from "../../realtime/react";
import { RoomRow } from "./room-row";

interface RoomListProps {
  /** The room that is open. */
  currentRoomId: string | null;
  /** What stands here as long as there is no conversation. */
  empty: ReactNode;
}

/** Every conversation of the person, newest activity first. */
export function RoomList({ currentRoomId, empty }: RoomListProps) {
  const t = useTranslations("rooms");
  const app = useTranslations("app");
  const client = useRealtime();
  const me = useMe();
  const { status, rooms } = useRooms();
  const [filter, setFilter] = useState<"all" | "unread">("all");

  if (status === "loading" && rooms.length === 0) return <SkeletonList rows={6} label={app("loading")} />;
  if (status === "failed" && rooms.length === 0) {
    return (
      <EmptyState
        title={t("loadFailed")}
        action={<Button onClick={() => void client.refreshRooms()}>{app("tryAgain")}</Button>}
      />
    );
  }
  if (rooms.length === 0) return empty;
  // The open room stays in sight: it must not vanish under the reader's eyes when it is read.
  const shown = filter === "all" ? rooms : rooms.filter((room) => room.unread > 0 || room.roomId === currentRoomId);
  return (
    <>
      <div className="px-4 pb-2">
        <Segmented
          label={t("filter")}
          value={filter}
          onChange={setFilter}
          options={[
            { value: "all", label: t("all") },
            { value: "unread", label: t("unread") },
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <EmptyState
          title={t("noUnread")}
          action={
            <Button variant="secondary" onClick={() => setFilter("all")}>
              {t("showAll")}
            </Button>
          }
        >
          {t("noUnreadBody")}
        </EmptyState>
      ) : (
        <nav aria-label={t("list")} className="safe-block-end min-h-0 flex-1 overflow-y-auto pb-3">
          <ul className="flex flex-col gap-0.5">
            {shown.map((room) => (
              <RoomRow key={room.roomId} room={room} me={me} current={room.roomId === currentRoomId} />
            ))}
          </ul>
        </nav>
      )}
    </>
  );
}
