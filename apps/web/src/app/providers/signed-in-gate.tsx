"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { buttonClass } from "../../components/ui/button";
import { EmptyState } from "../../components/ui/empty-state";
import { useConnection } from "../../realtime/react";

/** When the session is revoked, nothing of the conversations stays on the screen. */
export function SignedInGate({ children }: { children: ReactNode }) {
  const t = useTranslations("connection");
  const { status } = useConnection();
  if (status !== "signed_out") return children;
  return (
    <main className="flex min-h-dvh items-center">
      <EmptyState
        level={1}
        title={t("signedOut")}
        action={
          // A whole new page, so that nothing of this one's memory is left.
          // oxlint-disable-next-line next/no-html-link-for-pages -- a reload is the purpose
          <a href="/sign-in" className={buttonClass()}>
            {t("signIn")}
          </a>
        }
      />
    </main>
  );
}
