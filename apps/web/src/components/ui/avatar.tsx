import { avatarTone, initialsOf } from "./avatar-look";
import { cx } from "./cx";

interface AvatarProps {
  name: string;
  /** What the colour is derived from; it stays when the name changes. */
  seed: string;
  size?: "sm" | "md" | "lg";
  /** Draws the presence dot: a filled leaf dot when online, nothing when not. The words stand elsewhere. */
  online?: boolean;
}

const SIZES = { sm: "size-8 text-xs", md: "size-11 text-base", lg: "size-20 text-2xl" } as const;

/** Decoration: the name always stands beside it, so it is hidden from assistive technology. */
export function Avatar({ name, seed, size = "md", online = false }: AvatarProps) {
  return (
    <span aria-hidden className="relative inline-flex shrink-0">
      <span
        className={cx(
          "inline-flex items-center justify-center rounded-full font-semibold text-on-avatar select-none forced-colors:border",
          SIZES[size],
        )}
        style={{ backgroundColor: `var(--avatar-${avatarTone(seed)})` }}
      >
        {initialsOf(name)}
      </span>
      {online ? (
        <span className="absolute end-0 bottom-0 size-3.5 rounded-full border-2 border-surface bg-success forced-colors:bg-[CanvasText] forced-colors:forced-color-adjust-none" />
      ) : null}
    </span>
  );
}
