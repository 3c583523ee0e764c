"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Result } from "@ashchat/contracts/result";
import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { TagSearch } from "../../../../features/contacts/tag-search";
import { DetailsPanel, type RoomActions } from "../../../../features/rooms/details-panel";
import { useRealtime } from "../../../../realtime/react";
import type { RoomSummary } from "../../../../realtime/state";
import { useApi } from "../../../providers/api";

/** The details of a room, with the search for people to add. */
export function RoomDetails({ room, onClose }: { room: RoomSummary; onClose: () => void }) {
  const t = useTranslations("details");
  const actions = useRoomActions(room.roomId);
  return (
    <DetailsPanel
      room={room}
      actions={actions}
      onClose={onClose}
      renderAddMember={(onFound) => (
        <TagSearch label={t("addMember")} submitLabel={t("add")} busyLabel={t("adding")} onFound={onFound} />
      )}
    />
  );
}

function useRoomActions(roomId: RoomId): RoomActions {
  const api = useApi();
  const client = useRealtime();
  const router = useRouter();
  async function refusalOf(answer: Promise<Result<unknown>>): Promise<ErrorCode | null> {
    const result = await answer;
    if (result.ok) void client.refreshRooms();
    return result.ok ? null : result.error.code;
  }
  return {
    rename: (title) => refusalOf(api.renameRoom(roomId, title)),
    addMember: (userId) => refusalOf(api.addMember(roomId, userId)),
    removeMember: (userId) => refusalOf(api.removeMember(roomId, userId)),
    async leave() {
      const refusal = await refusalOf(api.leaveRoom(roomId));
      if (refusal === null) router.replace("/chat");
      return refusal;
    },
  };
}
