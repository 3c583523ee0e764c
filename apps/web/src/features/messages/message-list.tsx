"use client";

import { ArrowDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef, type ReactElement } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { cx } from "../../components/ui/cx";
import { DayPill } from "./separators";
import type { TimelineRow } from "./timeline";
import { useListScroll } from "./use-list-scroll";

interface MessageListProps {
  rows: readonly TimelineRow[];
  /** Seq of the first loaded message: when it falls, older ones were put before it. */
  firstSeq: number | null;
  /** Changes when the rows were replaced by others that do not continue them. */
  windowKey: string;
  hasOlder: boolean;
  hasNewer: boolean;
  isLoadingOlder: boolean;
  isLoadingNewer: boolean;
  /** How many messages of others came while the reader was further up. */
  newBelow: number;
  /** How many messages of the room are unread. */
  unread: number;
  renderRow: (row: TimelineRow) => ReactElement;
  onLoadOlder: () => void;
  onLoadNewer: () => void;
  onJumpToLatest: () => void;
  /** The rows in sight, whenever they change; `pinned`: the reader is at the end. */
  onView: (rows: readonly TimelineRow[], pinned: boolean) => void;
}

/**
 * The scrolling list of a conversation. It opens at the unread separator, else at the end; it follows what is appended
 * only while the reader is at the end; what is put before moves nothing on the screen.
 */
export function MessageList(props: MessageListProps) {
  const { rows, windowKey, renderRow, hasNewer, isLoadingOlder } = props;
  const t = useTranslations("conversation");
  const virtualizer = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { shift, isFarFromEnd, topDay, handleScroll, handleReader, settle, goToEnd } = useListScroll({
    ...props,
    virtualizer,
    scroller,
  });

  const isAway = hasNewer || isFarFromEnd;
  const below = isAway ? Math.max(props.newBelow, props.unread) : props.newBelow;

  function jump(): void {
    props.onJumpToLatest();
    goToEnd();
  }
  useEscape(jump);

  return (
    <div className="relative min-h-0 flex-1">
      {/* The handlers only notice that the reader moves the list; the element itself does nothing on a press. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- scrolled, not operated */}
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t("messages")}
        aria-busy={isLoadingOlder}
        tabIndex={0}
        onWheel={handleReader}
        onTouchMove={handleReader}
        onPointerDown={handleReader}
        onKeyDown={handleReader}
        className="flex h-full flex-col overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none]"
      >
        <div className="grow" />
        <Virtualizer
          key={windowKey}
          ref={virtualizer}
          scrollRef={scroller}
          data={rows}
          shift={shift}
          bufferSize={600}
          onScroll={handleScroll}
          onScrollEnd={settle}
          onResize={settle}
        >
          {(row, index) => (
            <div key={row.key} className={cx("mx-auto max-w-4xl", index === rows.length - 1 && "pb-3")}>
              {renderRow(row)}
            </div>
          )}
        </Virtualizer>
      </div>
      {isLoadingOlder ? (
        <p role="status" className="absolute inset-x-0 top-0 animate-late py-2 text-center text-xs text-muted">
          {t("loadingOlder")}
        </p>
      ) : null}
      {topDay === null || isLoadingOlder ? null : (
        <div aria-hidden className="pointer-events-none absolute inset-x-0 top-2 flex justify-center">
          <DayPill at={topDay} />
        </div>
      )}
      {below > 0 || isAway ? (
        <button
          type="button"
          onClick={jump}
          className="absolute end-4 bottom-3 inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-full border border-line bg-surface px-3 text-sm font-medium shadow-panel hover:bg-hover"
        >
          {below > 0 ? t("newCount", { count: below }) : <span className="sr-only">{t("jumpToLatest")}</span>}
          <ArrowDown aria-hidden className="size-5" />
        </button>
      ) : null}
    </div>
  );
}

/** Esc, as long as nothing in front of the list wants it. */
function useEscape(run: () => void): void {
  useEffect(() => {
    function handle(event: KeyboardEvent): void {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector("[role=dialog],[role=alertdialog],[role=menu]") === null) run();
    }
    window.addEventListener("keydown", handle);
    return () => window.removeEventListener("keydown", handle);
  });
}
