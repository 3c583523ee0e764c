"use client";

import type { Me } from "@ashchat/contracts/api";
import type { MessageView } from "@ashchat/contracts/message";
import { useLocale, useTranslations } from "next-intl";
import { useCallback, useEffect, useMemo, useState } from "react";
import { EmptyState } from "../../components/ui/empty-state";
import { SkeletonList } from "../../components/ui/skeleton";
import { isolated } from "../../i18n/isolated";
import { languageName } from "../../i18n/language-names";
import { useRealtime, useRealtimeState } from "../../realtime/react";
import type { Conversation, RoomSummary } from "../../realtime/state";
import { deviceStorage } from "./drafts";
import { MessageBubble } from "./message-bubble";
import { MessageList } from "./message-list";
import { originalChoices } from "./original-choices";
import { PendingBubble } from "./pending-bubble";
import { Beginning, DaySeparator, UnreadSeparator } from "./separators";
import { buildTimeline, type TimelineRow } from "./timeline";
import { useIsOfflineEngine } from "./use-offline-engines";
import { useUnreadPage } from "./use-unread-page";
import { useUnreadAfter } from "./use-unread-after";
import { useViewEffects } from "./use-view-effects";

interface MessagePaneProps {
  conversation: Conversation;
  summary: RoomSummary;
  me: Me;
  onEdit: (message: MessageView) => void;
  onDelete: (message: MessageView) => void;
}

/** The messages of an open room, and what looking at them does. */
export function MessagePane({ conversation, summary, me, onEdit, onDelete }: MessagePaneProps) {
  const client = useRealtime();
  const { roomId, messages, pending, hasOlder } = conversation;
  const unreadAfter = useUnreadAfter(conversation);
  const rows = useMemo(
    () => buildTimeline({ messages, pending, me: me.profile.userId, unreadAfter, isStart: !hasOlder }),
    [messages, pending, me.profile.userId, unreadAfter, hasOlder],
  );
  const renderRow = useRowRenderer({ conversation, summary, me, onEdit, onDelete });
  const { isFetching: isFetchingUnread, mayMark, skip } = useUnreadPage(conversation, unreadAfter);
  const applyView = useViewEffects(roomId, me, mayMark);
  const { newBelow, lookAt } = useNewBelow(messages, me);
  const windowKey = useWindowKey(messages);
  const t = useTranslations("conversation");

  // Drawing the newest messages meanwhile would count them as read.
  if (isFetchingUnread) {
    return (
      <div className="min-h-0 flex-1">
        <SkeletonList rows={5} label={t("messages")} />
      </div>
    );
  }
  if (messages.length === 0 && pending.length === 0 && !hasOlder) return <NothingYet summary={summary} me={me} />;
  return (
    <MessageList
      rows={rows}
      firstSeq={messages[0]?.seq ?? null}
      windowKey={windowKey}
      hasOlder={hasOlder}
      hasNewer={conversation.hasNewer}
      isLoadingOlder={conversation.isLoadingOlder}
      isLoadingNewer={conversation.isLoadingNewer}
      newBelow={newBelow}
      unread={summary.unread}
      renderRow={renderRow}
      onLoadOlder={() => client.loadOlder(roomId)}
      onLoadNewer={() => client.loadNewer(roomId)}
      onJumpToLatest={() => {
        skip();
        client.jumpToLatest(roomId);
      }}
      onView={(view, pinned) => {
        applyView(view);
        lookAt(pinned);
      }}
    />
  );
}

/** Draws one row; stable while nothing that it draws from changes. */
function useRowRenderer({ conversation, summary, me, onEdit, onDelete }: MessagePaneProps) {
  const client = useRealtime();
  const people = useRealtimeState((state) => state.people);
  const t = useTranslations("conversation");
  const isOfflineEngine = useIsOfflineEngine();
  const choices = useMemo(() => originalChoices(deviceStorage()), []);
  const [, redraw] = useState(0);
  useEffect(() => choices.subscribe(() => redraw((count) => count + 1)), [choices]);
  const isGroup = summary.kind === "group";

  return function renderRow(row: TimelineRow) {
    switch (row.kind) {
      case "start":
        return <Beginning />;
      case "day":
        return <DaySeparator at={row.at} />;
      case "unread":
        return <UnreadSeparator />;
      case "pending":
        return (
          <PendingBubble
            entry={row.entry}
            language={me.profile.language}
            startsGroup={row.startsGroup}
            endsGroup={row.endsGroup}
            onRetry={() => client.retry(row.entry.clientId)}
            onDiscard={() => client.discard(row.entry.clientId)}
          />
        );
      case "message":
        return (
          <MessageBubble
            message={row.message}
            me={me}
            members={conversation.members}
            isGroup={isGroup}
            senderName={people.get(row.message.senderId)?.name ?? t("formerMember")}
            startsGroup={row.startsGroup}
            endsGroup={row.endsGroup}
            showsOriginal={choices.has(choiceKey(row.message))}
            isOfflineEngine={isOfflineEngine}
            onToggleOriginal={() => choices.toggle(choiceKey(row.message))}
            onRetryTranslation={() => client.requestTranslation(row.message.roomId, [row.message.seq])}
            onEdit={() => onEdit(row.message)}
            onDelete={() => onDelete(row.message)}
          />
        );
    }
  };
}

function choiceKey(message: MessageView): string {
  return `${message.roomId}:${message.seq}`;
}

/** How many messages of others came since the reader was last at the end. */
function useNewBelow(messages: readonly MessageView[], me: Me) {
  const lastSeq = messages.at(-1)?.seq ?? 0;
  const [seenSeq, setSeenSeq] = useState(lastSeq);
  const newBelow = messages.filter((message) => message.seq > seenSeq && message.senderId !== me.profile.userId).length;
  const lookAt = useCallback(
    (pinned: boolean) => {
      if (pinned) setSeenSeq(lastSeq);
    },
    [lastSeq],
  );
  return { newBelow, lookAt };
}

/** Another key when the loaded messages do not continue those before: the list then opens anew. */
function useWindowKey(messages: readonly MessageView[]): string {
  const first = messages[0]?.seq ?? 0;
  const last = messages.at(-1)?.seq ?? 0;
  const [window, setWindow] = useState({ first, last, count: 0 });
  if (window.first !== first || window.last !== last) {
    const continues = first <= window.last + 1 && last >= window.first - 1;
    setWindow({ first, last, count: continues || window.last === 0 ? window.count : window.count + 1 });
  }
  return `window:${window.count}`;
}

function NothingYet({ summary, me }: { summary: RoomSummary; me: Me }) {
  const t = useTranslations("conversation");
  const locale = useLocale();
  const other = summary.members.find((member) => member.userId === summary.other);
  return (
    <div className="flex flex-1 items-center">
      <EmptyState title={t("empty")}>
        {other
          ? t("emptyBody", {
              language: languageName(me.profile.language, locale),
              name: isolated(other.name),
              theirs: languageName(other.language, locale),
            })
          : t("emptyGroupBody")}
      </EmptyState>
    </div>
  );
}
