import type { ReactNode } from "react";

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** 1 where it is all that the page holds. */
  level?: 1 | 2;
  /** Why there is nothing here. */
  children?: ReactNode;
  /** The one thing to do about it. */
  action?: ReactNode;
}

export function EmptyState({ icon, title, level = 2, children, action }: EmptyStateProps) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center gap-3 px-6 py-10 text-center">
      {icon ? <span className="text-muted">{icon}</span> : null}
      <Heading className="text-lg font-semibold text-balance">{title}</Heading>
      {children ? <div className="text-muted text-pretty">{children}</div> : null}
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  );
}
