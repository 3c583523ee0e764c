"use client";

import type { ReactNode } from "react";
import { avatarTone } from "../../components/ui/avatar-look";
import { cx } from "../../components/ui/cx";
import type { ShownText } from "../../i18n/shown-text";
import { textParts } from "./text-links";

interface BubbleProps {
  own: boolean;
  startsGroup: boolean;
  endsGroup: boolean;
  /** Drawn with a warning edge. */
  failed?: boolean;
  /** Sender and time, for assistive technology. */
  label: string;
  /** The sender above the first bubble of a group, where it is not obvious, in the colour of their avatar. */
  sender?: { name: string; seed: string } | null;
  avatar?: ReactNode;
  children: ReactNode;
  /** Beside the bubble: the menu. */
  aside?: ReactNode;
}

/** The shape of one message: own ones at the end of the line in ember, others' at the start. */
export function Bubble({ own, startsGroup, endsGroup, failed, label, sender, avatar, children, aside }: BubbleProps) {
  return (
    <article
      aria-label={label}
      className={cx(
        "group/bubble flex items-end gap-2 px-3 wide:px-6",
        own && "flex-row-reverse",
        startsGroup ? "pt-3" : "pt-0.5",
      )}
    >
      {avatar}
      <div
        className={cx(
          "relative max-w-[min(82%,40rem)] min-w-16 rounded-2xl border px-3.5 py-2 text-bubble-text",
          own ? "border-transparent bg-bubble-own" : "border-line bg-bubble-other",
          endsGroup && (own ? "rounded-ee-md" : "rounded-es-md"),
          failed && "border-danger",
        )}
      >
        {sender ? (
          <p className="mb-0.5 text-sm font-semibold" style={{ color: `var(--avatar-${avatarTone(sender.seed)})` }}>
            <bdi>{sender.name}</bdi>
          </p>
        ) : null}
        {children}
      </div>
      {aside}
    </article>
  );
}

/** A text in its own language and direction, its addresses to be opened. */
export function BubbleBody({ shown }: { shown: ShownText }) {
  return (
    <p lang={shown.lang} dir={shown.dir} className="min-w-0 grow wrap-anywhere whitespace-pre-wrap">
      {textParts(shown.text).map(({ text, href }, index) =>
        href === null ? (
          text
        ) : (
          // The parts of one text never change places.
          <a
            key={index}
            href={href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            dir="ltr"
            className="underline decoration-1 underline-offset-2 hover:decoration-2"
          >
            {text}
          </a>
        ),
      )}
    </p>
  );
}

/** Something and the time beside it, or below it where there is no room. */
export function BubbleLine({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-end justify-end gap-x-3">{children}</div>;
}

/** Time and status. */
export function BubbleMeta({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span className={cx("inline-flex min-h-6 items-center gap-1 text-xs text-bubble-muted tabular-nums", className)}>
      {children}
    </span>
  );
}
