"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Result } from "@ashchat/contracts/result";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { TagSearch } from "../../../../features/contacts/tag-search";
import { Conversation } from "../../../../features/messages/conversation";
import type { RoomActions } from "../../../../features/rooms/details-panel";
import { useRealtime, useRealtimeState } from "../../../../realtime/react";
import { useApi } from "../../../providers/api";

const DetailsPanel = dynamic(
  () => import("../../../../features/rooms/details-panel").then((module) => module.DetailsPanel),
  {
    ssr: false,
  },
);

interface RoomScreenProps {
  roomId: RoomId;
  showsDetails: boolean;
}

/** A conversation and, beside or over it, its details. The details have an address, so "back" closes them. */
export function RoomScreen({ roomId, showsDetails }: RoomScreenProps) {
  const t = useTranslations("details");
  const router = useRouter();
  const room = useRealtimeState((state) => state.rooms.find((summary) => summary.roomId === roomId) ?? null);
  const actions = useRoomActions(roomId);
  const here = `/chat/${roomId}`;
  return (
    <div className="relative flex min-w-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <Conversation roomId={roomId} detailsHref={showsDetails ? here : `${here}?details`} />
      </div>
      {showsDetails && room ? (
        <DetailsPanel
          room={room}
          actions={actions}
          onClose={() => router.replace(here)}
          renderAddMember={(onFound) => (
            <TagSearch label={t("addMember")} submitLabel={t("add")} busyLabel={t("adding")} onFound={onFound} />
          )}
        />
      ) : null}
    </div>
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
