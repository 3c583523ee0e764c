"use client";

import type { Person, RoomSummary } from "../../realtime/state";
import type { UserId } from "@ashchat/contracts/ids";
import type { Presence } from "@ashchat/contracts/room";
import { ArrowLeft, Info } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import Link from "next/link";
import { Avatar } from "../../components/ui/avatar";
import { isolated } from "../../i18n/isolated";
import { relativeTime } from "../../i18n/relative-time";
import { useConnection, usePresence, useRealtimeState } from "../../realtime/react";
import { typingText } from "./typing-text";

interface ConversationHeaderProps {
  summary: RoomSummary;
  /** The address of the details panel. */
  detailsHref: string;
}

const ICON_LINK =
  "inline-flex size-11 shrink-0 items-center justify-center rounded-xl text-muted hover:bg-hover hover:text-text pointer-fine:size-10";

/** Who is here, and whether they are there or writing. */
export function ConversationHeader({ summary, detailsHref }: ConversationHeaderProps) {
  const t = useTranslations("conversation");
  const presence = useLivePresence(summary.other);
  return (
    <header className="safe-block-start border-b border-line bg-surface">
      <div className="flex min-h-16 items-center gap-2 px-2 wide:px-4">
        <Link href="/chat" aria-label={t("back")} className={`${ICON_LINK} wide:hidden`}>
          <ArrowLeft aria-hidden className="icon-directional size-5" />
        </Link>
        <Avatar name={summary.name} seed={summary.other ?? summary.roomId} online={presence?.online ?? false} />
        <div className="min-w-0 flex-1 ps-1">
          <h1 className="truncate text-lg leading-tight font-semibold">
            <bdi>{summary.name || t("unnamed")}</bdi>
          </h1>
          <Subtitle summary={summary} />
        </div>
        <Link href={detailsHref} aria-label={t("details")} title={t("details")} className={ICON_LINK}>
          <Info aria-hidden className="size-5" />
        </Link>
      </div>
    </header>
  );
}

/** Not a live region: it would talk all the time. */
function Subtitle({ summary }: { summary: RoomSummary }) {
  const t = useTranslations("conversation");
  const locale = useLocale();
  const people = useRealtimeState((state) => state.people);
  const presence = useLivePresence(summary.other);
  const isLive = useConnection().status === "live";
  // What was heard before the connection broke says nothing about now.
  const typing = isLive ? typingText(namesOf(summary.typing, people), t) : null;
  if (typing !== null) return <p className="truncate text-sm text-accent-text">{typing}</p>;
  if (summary.kind === "group") {
    return <p className="truncate text-sm text-muted">{t("members", { count: summary.members.length })}</p>;
  }
  if (presence === null) return <p className="h-[1.45em] text-sm" />;
  return (
    <p className="truncate text-sm text-muted">
      {presence.online
        ? t("online")
        : presence.lastSeenAt === null
          ? t("offline")
          : t("lastSeen", { time: relativeTime(presence.lastSeenAt, Date.now(), locale) })}
    </p>
  );
}

/** Without a live connection nobody knows who is there now. */
function useLivePresence(userId: UserId | null): Presence | null {
  const presence = usePresence(userId);
  const { status } = useConnection();
  return status === "live" ? presence : null;
}

function namesOf(ids: readonly string[], people: ReadonlyMap<string, Person>): string[] {
  return ids.flatMap((id) => {
    const person = people.get(id);
    return person ? [isolated(person.name)] : [];
  });
}
