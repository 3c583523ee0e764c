"use client";

import type { Me } from "@ashchat/contracts/api";
import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { Avatar } from "../../components/ui/avatar";
import { Badge } from "../../components/ui/badge";
import { cx } from "../../components/ui/cx";
import { useIsBrowser } from "../../components/ui/use-is-browser";
import { isolated } from "../../i18n/isolated";
import { useRegionalLocale } from "../../i18n/regional-locale";
import { shownText } from "../../i18n/shown-text";
import { useConnection, usePerson, usePresence } from "../../realtime/react";
import type { RoomSummary } from "../../realtime/state";
import { listTime } from "./list-time";

interface RoomRowProps {
  room: RoomSummary;
  me: Me;
  current: boolean;
}

/** One conversation in the list: who, the last words in the reader's language, when, and how much is unread. */
export function RoomRow({ room, me, current }: RoomRowProps) {
  const t = useTranslations("rooms");
  const presenceWords = useTranslations("conversation");
  const locale = useRegionalLocale();
  const presence = usePresence(room.other);
  // Without a live connection nobody knows who is there now.
  const isOnline = useConnection().status === "live" && (presence?.online ?? false);
  const at = room.lastMessage?.sentAt ?? room.activeAt;
  // The server knows neither the day nor the hour where the reader is.
  const isBrowser = useIsBrowser();
  return (
    <li className="[contain-intrinsic-size:auto_4.5rem] [content-visibility:auto]">
      <Link
        href={`/chat/${room.roomId}`}
        aria-current={current ? "page" : undefined}
        className={cx(
          "mx-2 flex items-center gap-3 rounded-xl px-2.5 py-2.5 -outline-offset-2 transition-colors duration-150",
          current ? "bg-selected forced-colors:outline-2 forced-colors:outline-[Highlight]" : "hover:bg-hover",
        )}
      >
        <Avatar name={room.name} seed={room.other ?? room.roomId} online={isOnline} />
        <span className="flex min-w-0 flex-1 flex-col gap-0.5">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate font-semibold">
              <bdi>{room.name || t("unnamed")}</bdi>
              {isOnline ? <span className="sr-only">, {presenceWords("online")}</span> : null}
            </span>
            <time dateTime={new Date(at).toISOString()} className="shrink-0 text-xs text-muted tabular-nums">
              {isBrowser ? listTime(at, Date.now(), { locale, yesterday: t("yesterday") }) : null}
            </time>
          </span>
          <span className="flex min-h-5.5 items-center gap-2">
            <Preview room={room} me={me} />
            {room.failed > 0 ? <CircleAlert aria-hidden className="size-4.5 shrink-0 text-danger" /> : null}
            <Badge count={room.unread} label={t("unreadCount", { count: room.unread })} />
          </span>
        </span>
      </Link>
    </li>
  );
}

function Preview({ room, me }: { room: RoomSummary; me: Me }) {
  const t = useTranslations("rooms");
  const sender = usePerson(room.lastMessage?.senderId ?? null);
  const { lastMessage } = room;
  const className = cx("min-w-0 flex-1 truncate text-sm", room.unread > 0 ? "font-medium text-text" : "text-muted");
  if (lastMessage === null) return <span className={className}>{t("noMessages")}</span>;
  const shown = shownText(lastMessage, me);
  if (shown === null) return <span className={`${className} italic`}>{t("deletedMessage")}</span>;
  const own = lastMessage.senderId === me.profile.userId;
  const text = (
    <bdi lang={shown.lang} dir={shown.dir}>
      {shown.text}
    </bdi>
  );
  if (own) return <span className={className}>{t.rich("you", { text: () => text })}</span>;
  if (room.kind === "group" && sender) {
    return <span className={className}>{t.rich("from", { name: isolated(sender.name), text: () => text })}</span>;
  }
  return <span className={className}>{text}</span>;
}
