import type { ReactNode } from "react";

interface TooltipProps {
  /** The same words must be reachable without the tooltip: it is for eyes only. */
  text: string;
  children: ReactNode;
}

/** A short text above its content while the pointer rests there. */
export function Tooltip({ text, children }: TooltipProps) {
  return (
    <span className="group/tip relative inline-flex">
      {children}
      <span
        aria-hidden
        className="pointer-events-none invisible absolute end-0 bottom-full z-20 mb-1.5 w-max max-w-56 rounded-lg border border-transparent bg-text px-2 py-1 text-xs text-canvas opacity-0 transition-opacity delay-300 duration-150 group-hover/tip:visible group-hover/tip:opacity-100"
      >
        {text}
      </span>
    </span>
  );
}
