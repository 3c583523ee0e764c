"use client";

import { MessageCirclePlus, MessagesSquare } from "lucide-react";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import { Button } from "../../../components/ui/button";
import { EmptyState } from "../../../components/ui/empty-state";
import { useRooms } from "../../../realtime/react";
import { useChatActions } from "./chat-actions";

const Welcome = dynamic(() => import("../../../features/contacts/welcome").then((module) => module.Welcome), {
  ssr: false,
});

/** What stands beside the list while no conversation is open; on a phone the list is the whole page. */
export function ChatHome() {
  const t = useTranslations("rooms");
  const { newChat, open } = useChatActions();
  const { status, rooms } = useRooms();
  if (rooms.length === 0) return status === "ready" ? <Welcome onOpened={open} /> : null;
  return (
    <EmptyState
      icon={<MessagesSquare aria-hidden className="size-10" strokeWidth={1.5} />}
      title={t("choose")}
      action={
        <Button variant="secondary" onClick={newChat}>
          <MessageCirclePlus aria-hidden className="size-5" />
          {t("newChat")}
        </Button>
      }
    >
      {t("chooseBody")}
    </EmptyState>
  );
}

/** In place of the list as long as there is none: on a phone the way to the first message, else a word. */
export function NoRooms() {
  const t = useTranslations("rooms");
  const { open } = useChatActions();
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto wide:hidden">
        <Welcome onOpened={open} />
      </div>
      <div className="hidden wide:block">
        <EmptyState title={t("empty")}>{t("emptyBody")}</EmptyState>
      </div>
    </>
  );
}
