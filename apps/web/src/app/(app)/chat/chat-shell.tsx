"use client";

import { MessageCirclePlus, Settings, UsersRound } from "lucide-react";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter, useSelectedLayoutSegment } from "next/navigation";
import { useMemo, useState, type ReactNode } from "react";
import { IconButton } from "../../../components/ui/button";
import { cx } from "../../../components/ui/cx";
import { Mark } from "../../../components/ui/logo";
import { ConnectionBanner } from "../../../features/rooms/connection-banner";
import { RoomList } from "../../../features/rooms/room-list";
import { useAnnounceMessages } from "../../../features/rooms/use-announce-messages";
import { useRealtime } from "../../../realtime/react";
import { ChatActionsProvider } from "./chat-actions";
import { NoRooms } from "./chat-home";

// The code of the dialogs is fetched when somebody comes near their buttons, not with the page.
const loadNewChat = () => import("../../../features/contacts/new-chat-dialog").then((module) => module.NewChatDialog);
const loadNewGroup = () =>
  import("../../../features/contacts/new-group-dialog").then((module) => module.NewGroupDialog);
const NewChatDialog = dynamic(loadNewChat, { ssr: false });
const NewGroupDialog = dynamic(loadNewGroup, { ssr: false });

/** One column on a phone (the list, or a conversation), list and conversation side by side on a wide screen. */
export function ChatShell({ children }: { children: ReactNode }) {
  const t = useTranslations("rooms");
  const router = useRouter();
  const client = useRealtime();
  const roomId = useSelectedLayoutSegment();
  const [dialog, setDialog] = useState<"chat" | "group" | null>(null);
  useAnnounceMessages();

  const actions = useMemo(
    () => ({
      newChat: () => setDialog("chat"),
      open(opened: string) {
        setDialog(null);
        void client.refreshRooms();
        router.push(`/chat/${opened}`);
      },
    }),
    [client, router],
  );

  return (
    <ChatActionsProvider value={actions}>
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
                <IconButton
                  label={t("newGroup")}
                  onPointerEnter={() => void loadNewGroup()}
                  onFocus={() => void loadNewGroup()}
                  onClick={() => setDialog("group")}
                >
                  <UsersRound aria-hidden className="size-5" />
                </IconButton>
                <IconButton
                  label={t("newChat")}
                  onPointerEnter={() => void loadNewChat()}
                  onFocus={() => void loadNewChat()}
                  onClick={actions.newChat}
                >
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
            <RoomList currentRoomId={roomId} empty={<NoRooms />} />
          </section>
          <div className={cx("min-w-0 flex-1 wide:flex", roomId === null ? "hidden" : "flex")}>{children}</div>
        </main>
        {dialog === "chat" ? <NewChatDialog onClose={() => setDialog(null)} onOpened={actions.open} /> : null}
        {dialog === "group" ? <NewGroupDialog onClose={() => setDialog(null)} onOpened={actions.open} /> : null}
      </div>
    </ChatActionsProvider>
  );
}
