"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { codePoints, normalizeText, textProblem } from "@ashchat/contracts/text";
import { Check, Pencil, SendHorizontal, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { IconButton } from "../../components/ui/button";
import { cx } from "../../components/ui/cx";
import { COLUMN_CLASS } from "./column";
import { composerAction } from "./composer-keys";

/** The counter appears when no more than this many code points are left. */
const COUNTER_FROM = 200;
/** A text field taller than this scrolls. Pixels: about seven lines. */
const HEIGHT_MAX_PX = 176;

export interface ComposerProps {
  /** What was being written here before. */
  draft: string;
  /** The text of one's own message that is being edited; null = writing a new one. */
  editing: string | null;
  /** Called with every text that is worth keeping; never while editing. */
  onDraft: (text: string) => void;
  /** Answers why the text is refused; the field then keeps it. */
  onSend: (text: string) => ErrorCode | null;
  onSaveEdit: (text: string) => Promise<ErrorCode | null>;
  onCancelEdit: () => void;
  /** ↑ in an empty field. */
  onEditLast: () => void;
  onTyping: () => void;
}

/** The field in which a message is written. Remount it (`key`) for another room or another edited message. */
export function Composer({
  draft,
  editing,
  onDraft,
  onSend,
  onSaveEdit,
  onCancelEdit,
  onEditLast,
  onTyping,
}: ComposerProps) {
  const t = useTranslations("composer");
  const [text, setText] = useState(editing ?? draft);
  const [problem, setProblem] = useState<ErrorCode | null>(null);
  const [saving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const isEditing = editing !== null;
  useGrowingHeight(field, text);
  useFocusOnOpen(field, isEditing);

  function change(next: string): void {
    setText(next);
    setProblem(null);
    if (isEditing) return;
    onDraft(next);
    if (next !== "") onTyping();
  }

  async function submit(): Promise<void> {
    const refusal = textProblem(normalizeText(text));
    // An empty field is not a mistake worth a message.
    if (refusal === "text_empty" && !isEditing) return;
    if (refusal !== null) return setProblem(refusal);
    if (isEditing) return save();
    const answer = onSend(text);
    setProblem(answer);
    if (answer !== null) return;
    setText("");
    onDraft("");
    field.current?.focus();
  }

  async function save(): Promise<void> {
    if (saving) return;
    setSaving(true);
    const answer = await onSaveEdit(text);
    setSaving(false);
    setProblem(answer);
  }

  function handleKey(event: KeyboardEvent<HTMLTextAreaElement>): void {
    const action = composerAction({ ...keyOf(event) }, { isEmpty: text === "", isEditing });
    if (action === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (action === "send") void submit();
    if (action === "edit_last") onEditLast();
    if (action === "cancel") onCancelEdit();
  }

  return (
    <form
      className="safe-block-end border-t border-line bg-surface"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {isEditing ? (
        <div className={cx(COLUMN_CLASS, "flex items-center gap-2 pt-1 text-sm text-muted")}>
          <Pencil aria-hidden className="size-4 shrink-0 text-accent-text" />
          <p className="flex-1 font-medium">{t("editing")}</p>
          <IconButton label={t("cancelEdit")} onClick={onCancelEdit}>
            <X aria-hidden className="size-5" />
          </IconButton>
        </div>
      ) : null}
      <Problem problem={problem} />
      <div className={cx(COLUMN_CLASS, "flex items-end gap-2 py-2 wide:py-3")}>
        <textarea
          ref={field}
          value={text}
          rows={1}
          dir="auto"
          aria-label={t("label")}
          placeholder={t("placeholder")}
          enterKeyHint="send"
          // What is typed while an edit is being saved would vanish with the edit.
          readOnly={saving}
          onChange={(event) => change(event.target.value)}
          onKeyDown={handleKey}
          className="max-h-44 min-h-11 flex-1 resize-none rounded-2xl border border-line-strong bg-canvas px-4 py-2.5 placeholder:text-muted focus-visible:border-text focus-visible:outline-1 focus-visible:outline-offset-0 focus-visible:outline-text"
        />
        <IconButton
          type="submit"
          label={isEditing ? t("saveEdit") : t("send")}
          className="bg-accent !text-on-accent enabled:hover:!bg-accent-hover pointer-fine:size-11"
        >
          {isEditing ? (
            <Check aria-hidden className="size-5" />
          ) : (
            <SendHorizontal aria-hidden className="icon-directional size-5" />
          )}
        </IconButton>
      </div>
      <Counter text={text} />
    </form>
  );
}

function Problem({ problem }: { problem: ErrorCode | null }) {
  const errors = useTranslations("errors");
  return (
    <p role="alert" className={cx(COLUMN_CLASS, "pt-2 text-sm text-danger empty:hidden")}>
      {problem && errors(problem, { max: LIMITS.messageCodePointsMax })}
    </p>
  );
}

function Counter({ text }: { text: string }) {
  const t = useTranslations("composer");
  // Code points are at most the UTF-16 length: a short text needs no counting.
  if (text.length < LIMITS.messageCodePointsMax - COUNTER_FROM) return null;
  const left = LIMITS.messageCodePointsMax - codePoints(normalizeText(text));
  if (left > COUNTER_FROM) return null;
  return (
    <p className={cx(COLUMN_CLASS, "pb-2 text-end text-xs tabular-nums", left < 0 ? "text-danger" : "text-muted")}>
      {left < 0 ? t("tooMany", { count: -left }) : t("remaining", { count: left })}
    </p>
  );
}

function keyOf(event: KeyboardEvent) {
  const { key, shiftKey, altKey, ctrlKey, metaKey, keyCode } = event;
  return { key, shiftKey, altKey, ctrlKey, metaKey, keyCode, isComposing: event.nativeEvent.isComposing };
}

/** As tall as its text, up to a bound. */
function useGrowingHeight(field: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    const frame = element?.parentElement;
    if (!element || !frame) return;
    // While the field is measured its surroundings keep their size: a smaller composer, even for no drawing at all,
    // moves the end of the messages away from under the reader.
    frame.style.minHeight = `${frame.offsetHeight}px`;
    element.style.height = "auto";
    const borders = element.offsetHeight - element.clientHeight;
    element.style.height = `${Math.min(element.scrollHeight + borders, HEIGHT_MAX_PX)}px`;
    frame.style.minHeight = "";
  }, [field, text]);
}

/** Ready to write at once where that opens no on-screen keyboard, and always when an edit begins. */
function useFocusOnOpen(field: React.RefObject<HTMLTextAreaElement | null>, isEditing: boolean): void {
  useEffect(() => {
    if (!isEditing && !window.matchMedia("(pointer: fine)").matches) return;
    const element = field.current;
    element?.focus({ preventScroll: true });
    element?.setSelectionRange(element.value.length, element.value.length);
  }, [field, isEditing]);
}
