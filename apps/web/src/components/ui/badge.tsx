interface BadgeProps {
  count: number;
  /** The words for it, such as "3 unread messages". */
  label: string;
}

const SHOWN_MAX = 99;

/** A count in an ember pill; nothing for zero. */
export function Badge({ count, label }: BadgeProps) {
  if (count <= 0) return null;
  return (
    <span className="inline-flex h-5.5 min-w-5.5 shrink-0 items-center justify-center rounded-full border border-transparent bg-accent px-1.5 text-xs font-semibold text-on-accent tabular-nums">
      <span aria-hidden>{count > SHOWN_MAX ? `${SHOWN_MAX}+` : count}</span>
      <span className="sr-only">{label}</span>
    </span>
  );
}
