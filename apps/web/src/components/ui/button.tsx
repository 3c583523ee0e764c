import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";

const VARIANTS = {
  primary: "border-transparent bg-accent text-on-accent enabled:hover:bg-accent-hover",
  secondary: "border-line-strong bg-surface text-text enabled:hover:bg-hover",
  quiet: "border-transparent bg-transparent text-text enabled:hover:bg-hover",
  danger: "border-danger bg-surface text-danger enabled:hover:bg-danger-soft",
} as const;
export type ButtonVariant = keyof typeof VARIANTS;

const SHAPE =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-xl border px-4 text-base font-medium no-underline " +
  "transition-colors duration-150 disabled:opacity-60";

/** The look of a button, for links that act like one. */
export function buttonClass(variant: ButtonVariant = "primary", extra?: string): string {
  return cx(SHAPE, VARIANTS[variant], extra);
}

interface ButtonProps extends ComponentProps<"button"> {
  variant?: ButtonVariant;
  /** Work is under way: the button keeps its place and focus but does nothing. */
  busy?: boolean;
}

export function Button({
  variant = "primary",
  busy = false,
  type = "button",
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={busy || undefined}
      className={buttonClass(variant, cx(busy && "opacity-70", className))}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  /** What the button does: its accessible name and its tooltip. */
  label: string;
  children: ReactNode;
}

/** A button that shows only an icon: 44 px on touch screens, 40 px with a mouse. */
export function IconButton({ label, className, type = "button", children, ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={cx(
        "inline-flex size-11 shrink-0 items-center justify-center rounded-xl border border-transparent text-muted",
        "transition-colors duration-150 enabled:hover:bg-hover enabled:hover:text-text disabled:opacity-50",
        "pointer-fine:size-10",
        className,
      )}
    >
      {children}
    </button>
  );
}

/**
 * A button that looks like a link in a line of text: 24 px high at least; a finger finds it on 44 px, which do not move
 * the line.
 */
export function LinkButton({ className, type = "button", ...rest }: ComponentProps<"button">) {
  return (
    <button
      {...rest}
      type={type}
      className={cx(
        "relative inline-flex min-h-6 items-center rounded-sm font-medium text-accent-text underline decoration-1 underline-offset-2",
        "pointer-coarse:after:absolute pointer-coarse:after:inset-x-0 pointer-coarse:after:-inset-y-2.5",
        "hover:decoration-2 disabled:text-muted disabled:no-underline",
        className,
      )}
    />
  );
}
