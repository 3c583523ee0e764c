import type { ReactNode } from "react";
import { cx } from "./cx";

interface BannerProps {
  tone?: "notice" | "danger";
  icon?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** A standing message about the state of things; `role="status"` so that it is heard once, politely. */
export function Banner({ tone = "notice", icon, action, children }: BannerProps) {
  return (
    <div
      role="status"
      className={cx(
        "flex min-h-11 items-center gap-3 border-b border-line px-4 py-2 text-sm",
        tone === "danger" ? "bg-danger-soft" : "bg-notice-soft",
      )}
    >
      {icon}
      <p className="min-w-0 flex-1">{children}</p>
      {action}
    </div>
  );
}

/** An error beside the control or form that it belongs to. */
export function InlineError({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="rounded-xl border border-danger bg-danger-soft px-3.5 py-2.5 text-sm text-danger">
      {children}
    </p>
  );
}
