"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useMemo, useState } from "react";
import { Button, buttonClass } from "../../components/ui/button";
import { cx } from "../../components/ui/cx";
import { EmptyState } from "../../components/ui/empty-state";
import { SkeletonList } from "../../components/ui/skeleton";
import { useMe, useRealtime, useRealtimeState, useRoom } from "../../realtime/react";
import type { Conversation as ConversationState, RoomSummary } from "../../realtime/state";
import { COLUMN_CLASS } from "./column";
import { Composer } from "./composer";
import { ConversationHeader } from "./conversation-header";
import { deviceStorage, draftsIn } from "./drafts";
import { FailedCard } from "./failed-card";
import { MessagePane } from "./message-pane";

const DeleteDialog = dynamic(() => import("./delete-dialog").then((module) => module.DeleteDialog), { ssr: false });

interface ConversationProps {
  roomId: RoomId;
  /** The address of the details panel. */
  detailsHref: string;
}

/** An open room: who, what was said, and the field to answer. Mount it anew (`key`) for another room. */
export function Conversation({ roomId, detailsHref }: ConversationProps) {
  const t = useTranslations("conversation");
  const { conversation, summary } = useRoom(roomId);
  const wasHere = useWasTrue(summary !== null);
  // Left, or removed while the room was open: nothing of it stays on the screen.
  if (wasHere && summary === null) return <Unavailable roomId={roomId} code={null} />;
  if (conversation?.status === "failed" && conversation.messages.length === 0) {
    return <Unavailable roomId={roomId} code={conversation.error} />;
  }
  if (conversation === null || summary === null || conversation.status === "loading") {
    return (
      <div className="flex min-h-0 flex-1 flex-col">
        {summary ? <ConversationHeader summary={summary} detailsHref={detailsHref} /> : null}
        <div className="flex-1">
          <SkeletonList rows={5} label={t("messages")} />
        </div>
      </div>
    );
  }
  return <OpenConversation conversation={conversation} summary={summary} detailsHref={detailsHref} />;
}

interface OpenConversationProps {
  conversation: ConversationState;
  summary: RoomSummary;
  detailsHref: string;
}

function OpenConversation({ conversation, summary, detailsHref }: OpenConversationProps) {
  const client = useRealtime();
  const me = useMe();
  const { roomId } = conversation;
  const drafts = useMemo(() => draftsIn(deviceStorage(), me.profile.userId), [me.profile.userId]);
  const [editing, setEditing] = useState<MessageView | null>(null);
  const [deleting, setDeleting] = useState<MessageView | null>(null);
  const failed = conversation.pending.filter((entry) => entry.state.kind === "failed").length;

  function send(text: string): ErrorCode | null {
    const answer = client.send(roomId, text);
    return answer.ok ? null : answer.error.code;
  }

  async function saveEdit(text: string): Promise<ErrorCode | null> {
    if (editing === null) return null;
    if (text === editing.text) return finishEdit();
    const answer = await client.editMessage(editing, text);
    return answer.ok ? finishEdit() : answer.error.code;
  }

  function finishEdit(): null {
    setEditing(null);
    return null;
  }

  function editLast(): void {
    const last = conversation.messages.findLast(
      (message) => message.senderId === me.profile.userId && message.text !== null,
    );
    if (last) setEditing(last);
  }

  return (
    <section className="flex min-h-0 flex-1 flex-col">
      <ConversationHeader summary={summary} detailsHref={detailsHref} />
      <MessagePane conversation={conversation} summary={summary} me={me} onEdit={setEditing} onDelete={setDeleting} />
      <FailedCard count={failed} onRetryAll={() => client.retryAll(roomId)} />
      {conversation.pending.length > 0 ? <DurabilityNote /> : null}
      <Composer
        key={editing === null ? "new" : `edit:${editing.seq}`}
        draft={drafts.read(roomId)}
        editing={editing?.text ?? null}
        onDraft={(text) => drafts.write(roomId, text)}
        onSend={send}
        onSaveEdit={saveEdit}
        onCancelEdit={finishEdit}
        onEditLast={editLast}
        onTyping={() => client.typing(roomId)}
      />
      {deleting ? (
        <DeleteDialog
          onClose={() => setDeleting(null)}
          onDelete={async () => {
            const answer = await client.deleteMessage(deleting);
            return answer.ok ? null : answer.error.code;
          }}
        />
      ) : null}
    </section>
  );
}

/** Said only where it is true: most browsers keep what is not sent yet. */
function DurabilityNote() {
  const t = useTranslations("conversation");
  const isDurable = useRealtimeState((state) => state.isOutboxDurable);
  return isDurable ? null : (
    <div className="border-t border-line">
      <p className={cx(COLUMN_CLASS, "py-2 text-sm text-muted")}>{t("notDurable")}</p>
    </div>
  );
}

/** Whether `value` was true at any time since the component came. */
function useWasTrue(value: boolean): boolean {
  const [was, setWas] = useState(value);
  if (value && !was) setWas(true);
  return was;
}

function Unavailable({ roomId, code }: { roomId: RoomId; code: ErrorCode | null }) {
  const t = useTranslations("conversation");
  const app = useTranslations("app");
  const errors = useTranslations("errors");
  const client = useRealtime();
  if (code === null || code === "not_found" || code === "forbidden") {
    return (
      <EmptyState
        title={t("gone")}
        action={
          <Link href="/chat" className={buttonClass("secondary")}>
            {t("goneAction")}
          </Link>
        }
      >
        {t("goneBody")}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={errors(code, { max: 0 })}
      action={
        <Button variant="secondary" onClick={() => client.loadOlder(roomId)}>
          {app("tryAgain")}
        </Button>
      }
    />
  );
}
