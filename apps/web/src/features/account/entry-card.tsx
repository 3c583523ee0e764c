import type { ReactNode } from "react";

interface EntryCardProps {
  title: string;
  children: ReactNode;
  /** The way to the other page: sign in or create an account. */
  footer?: ReactNode;
}

/** The one column of sign-in, sign-up and code. */
export function EntryCard({ title, children, footer }: EntryCardProps) {
  return (
    <div className="mx-auto flex w-full max-w-md flex-1 flex-col px-4 pt-4 pb-10 wide:justify-center wide:pt-0">
      <section className="wide:rounded-3xl wide:border wide:border-line wide:bg-surface wide:p-8">
        <h1 className="mb-6 text-2xl font-semibold text-balance">{title}</h1>
        {children}
      </section>
      {footer ? <p className="mt-5 text-center text-muted">{footer}</p> : null}
    </div>
  );
}

export const ENTRY_LINK_CLASS =
  "inline-flex min-h-6 items-center font-medium text-accent-text underline decoration-1 underline-offset-2 hover:decoration-2";
