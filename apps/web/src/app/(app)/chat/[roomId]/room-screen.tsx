"use client";

import type { RoomId } from "@ashchat/contracts/ids";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { Conversation } from "../../../../features/messages/conversation";
import { useRealtimeState } from "../../../../realtime/react";

const RoomDetails = dynamic(() => import("./room-details").then((module) => module.RoomDetails), { ssr: false });

interface RoomScreenProps {
  roomId: RoomId;
  showsDetails: boolean;
}

/** A conversation and, beside or over it, its details. The details have an address, so "back" closes them. */
export function RoomScreen({ roomId, showsDetails }: RoomScreenProps) {
  const router = useRouter();
  const room = useRealtimeState((state) => state.rooms.find((summary) => summary.roomId === roomId) ?? null);
  const here = `/chat/${roomId}`;
  return (
    <div className="relative flex min-w-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <Conversation roomId={roomId} detailsHref={showsDetails ? here : `${here}?details`} />
      </div>
      {showsDetails && room ? <RoomDetails room={room} onClose={() => router.replace(here)} /> : null}
    </div>
  );
}
