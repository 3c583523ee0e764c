"use client";

import { MessageCirclePlus, Settings, UsersRound } from "lucide-react";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter, useSelectedLayoutSegment } from "next/navigation";
import { useState, type ReactNode } from "react";
import { IconButton } from "../../../components/ui/button";
import { cx } from "../../../components/ui/cx";
import { Mark } from "../../../components/ui/logo";
import { ConnectionBanner } from "../../../features/rooms/connection-banner";
import { RoomList } from "../../../features/rooms/room-list";
import { useAnnounceMessages } from "../../../features/rooms/use-announce-messages";
import { useRealtime } from "../../../realtime/react";

const NewChatDialog = dynamic(
  () => import("../../../features/contacts/new-chat-dialog").then((module) => module.NewChatDialog),
  {
    ssr: false,
  },
);
const NewGroupDialog = dynamic(
  () => import("../../../features/contacts/new-group-dialog").then((module) => module.NewGroupDialog),
  {
    ssr: false,
  },
);

/** One column on a phone (the list, or a conversation), list and conversation side by side on a wide screen. */
export function ChatShell({ children }: { children: ReactNode }) {
  const t = useTranslations("rooms");
  const router = useRouter();
  const client = useRealtime();
  const roomId = useSelectedLayoutSegment();
  const [dialog, setDialog] = useState<"chat" | "group" | null>(null);
  useAnnounceMessages();

  function open(opened: string): void {
    setDialog(null);
    void client.refreshRooms();
    router.push(`/chat/${opened}`);
  }

  return (
    <div className="flex h-dvh flex-col">
      <ConnectionBanner />
      <main className="flex min-h-0 flex-1">
        <section
          aria-label={t("title")}
          className={cx(
            "w-full min-w-0 flex-col bg-surface wide:flex wide:w-88 wide:shrink-0 wide:border-e wide:border-line",
            roomId === null ? "flex" : "hidden",
          )}
        >
          <header className="safe-block-start px-4">
            <div className="flex min-h-16 items-center gap-1">
              <Mark className="size-8 shrink-0" />
              <h1 className="min-w-0 flex-1 truncate ps-2 text-lg font-semibold">{t("title")}</h1>
              <IconButton label={t("newGroup")} onClick={() => setDialog("group")}>
                <UsersRound aria-hidden className="size-5" />
              </IconButton>
              <IconButton label={t("newChat")} onClick={() => setDialog("chat")}>
                <MessageCirclePlus aria-hidden className="size-5" />
              </IconButton>
              <Link
                href="/settings"
                aria-label={t("settings")}
                title={t("settings")}
                className="inline-flex size-11 items-center justify-center rounded-xl text-muted hover:bg-hover hover:text-text pointer-fine:size-10"
              >
                <Settings aria-hidden className="size-5" />
              </Link>
            </div>
          </header>
          <RoomList currentRoomId={roomId} onNewChat={() => setDialog("chat")} />
        </section>
        <div className={cx("min-w-0 flex-1 wide:flex", roomId === null ? "hidden" : "flex")}>{children}</div>
      </main>
      {dialog === "chat" ? <NewChatDialog onClose={() => setDialog(null)} onOpened={open} /> : null}
      {dialog === "group" ? <NewGroupDialog onClose={() => setDialog(null)} onOpened={open} /> : null}
    </div>
  );
}
