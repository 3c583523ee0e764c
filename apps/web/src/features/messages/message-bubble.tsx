"use client";

import type { Me } from "@ashchat/contracts/api";
import type { MessageView } from "@ashchat/contracts/message";
import type { MemberView } from "@ashchat/contracts/room";
import { Ban, Copy, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { Avatar } from "../../components/ui/avatar";
import { copyText } from "../../components/ui/copy-text";
import { MenuButton } from "../../components/ui/menu-button";
import type { MenuAction } from "../../components/ui/menu";
import { useRegionalLocale } from "../../i18n/regional-locale";
import { messageStatus } from "../../realtime/message-status";
import { Bubble, BubbleBody, BubbleLine, BubbleMeta } from "./bubble";
import { bubbleText } from "./bubble-text";
import { clockTime } from "./day";
import { StatusIcon } from "./status-icon";
import { TranslationLine } from "./translation-line";

export interface MessageBubbleProps {
  message: MessageView;
  me: Me;
  members: readonly MemberView[];
  isGroup: boolean;
  /** The sender's name: also of somebody who has left. */
  senderName: string;
  startsGroup: boolean;
  endsGroup: boolean;
  showsOriginal: boolean;
  isOfflineEngine: (engine: string) => boolean;
  onToggleOriginal: () => void;
  onRetryTranslation: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

/** A stored message as this reader sees it. */
export function MessageBubble(props: MessageBubbleProps) {
  const { message, me, members, isGroup, senderName, startsGroup, endsGroup, showsOriginal } = props;
  const t = useTranslations("message");
  const locale = useRegionalLocale();
  const own = message.senderId === me.profile.userId;
  const { original, translation, line } = bubbleText(message, me);
  const shown = showsOriginal ? original : (translation ?? original);
  const time = clockTime(message.sentAt, locale);
  const body = shown ? <BubbleBody shown={shown} /> : <DeletedText own={own} />;
  const meta = (
    <>
      {message.editedAt !== null && original ? <span>{t("edited")}</span> : null}
      <time dateTime={new Date(message.sentAt).toISOString()}>{time}</time>
      {own && original ? <OwnStatus message={message} me={me} members={members} isGroup={isGroup} /> : null}
    </>
  );
  const engine = line.kind === "translated" ? line.engine : null;
  return (
    <Bubble
      own={own}
      startsGroup={startsGroup}
      endsGroup={endsGroup}
      label={own ? t("labelOwn", { time }) : t("label", { name: senderName, time })}
      sender={isGroup && !own && startsGroup ? { name: senderName, seed: message.senderId } : null}
      avatar={isGroup && !own ? <GroupAvatar name={senderName} seed={message.senderId} shown={endsGroup} /> : null}
      aside={original ? <MessageMenu {...props} own={own} /> : null}
    >
      {line.kind === "none" ? (
        <BubbleLine>
          {body}
          <BubbleMeta>{meta}</BubbleMeta>
        </BubbleLine>
      ) : (
        <>
          {body}
          <TranslationLine
            line={line}
            from={message.language}
            showsOriginal={showsOriginal}
            isOfflineEngine={engine !== null && props.isOfflineEngine(engine)}
            onToggle={props.onToggleOriginal}
            onRetry={props.onRetryTranslation}
          >
            <BubbleMeta className="float-end ms-3">{meta}</BubbleMeta>
          </TranslationLine>
        </>
      )}
    </Bubble>
  );
}

function OwnStatus({
  message,
  me,
  members,
  isGroup,
}: Pick<MessageBubbleProps, "message" | "me" | "members" | "isGroup">) {
  const { status, ...counts } = messageStatus(message, members, me.profile.userId);
  return <StatusIcon status={status} at={message.sentAt} {...(isGroup ? { counts } : {})} />;
}

function DeletedText({ own }: { own: boolean }) {
  const t = useTranslations("message");
  return (
    <p className="flex grow items-center gap-1.5 text-bubble-muted italic">
      <Ban aria-hidden className="size-4 shrink-0" />
      {own ? t("deletedOwn") : t("deleted")}
    </p>
  );
}

function GroupAvatar({ name, seed, shown }: { name: string; seed: string; shown: boolean }) {
  return <span className="w-8 shrink-0">{shown ? <Avatar name={name} seed={seed} size="sm" /> : null}</span>;
}

function MessageMenu({ message, me, own, onEdit, onDelete }: MessageBubbleProps & { own: boolean }) {
  const t = useTranslations("message");
  const { original, translation } = bubbleText(message, me);
  const actions: MenuAction[] = [
    ...(original
      ? [
          {
            id: "copy",
            label: t("copy"),
            icon: <Copy aria-hidden className="size-4" />,
            run: () => void copyText(original.text),
          },
        ]
      : []),
    ...(translation
      ? [
          {
            id: "copy-translation",
            label: t("copyTranslation"),
            icon: <Copy aria-hidden className="size-4" />,
            run: () => void copyText(translation.text),
          },
        ]
      : []),
    ...(own
      ? [
          { id: "edit", label: t("edit"), icon: <Pencil aria-hidden className="size-4" />, run: onEdit },
          {
            id: "delete",
            label: t("delete"),
            icon: <Trash2 aria-hidden className="size-4" />,
            danger: true,
            run: onDelete,
          },
        ]
      : []),
  ];
  return (
    <MenuButton
      label={t("actions")}
      actions={actions}
      className="-mx-1.5 self-end opacity-0 transition-opacity group-focus-within/bubble:opacity-100 group-hover/bubble:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-60"
    >
      <Ellipsis aria-hidden className="size-5" />
    </MenuButton>
  );
}
