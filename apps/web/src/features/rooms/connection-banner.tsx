"use client";

import { CloudOff, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Banner } from "../../components/ui/banner";
import { LinkButton } from "../../components/ui/button";
import { useConnection, useRealtime } from "../../realtime/react";

/** A short wait for the connection is normal and says nothing. Milliseconds. */
const PATIENCE_MS = 3_000;

/** Says that the live connection is not there, what that means, and lets the person try at once. */
export function ConnectionBanner() {
  const t = useTranslations("connection");
  const client = useRealtime();
  const { status, since } = useConnection();
  const isLong = useHasPassed(since + PATIENCE_MS);
  const text = {
    live: null,
    signed_out: null,
    offline: "offline",
    polling: "fallback",
    connecting: "reconnecting",
  } as const;
  const key = text[status];
  if (key === null || (status !== "offline" && !isLong)) return null;
  return (
    <Banner
      icon={<CloudOff aria-hidden className="size-5 shrink-0 text-muted" />}
      action={
        <LinkButton onClick={() => client.reconnectNow()} className="gap-1.5 pointer-coarse:min-h-11">
          <RefreshCw aria-hidden className="size-4" />
          {t("tryNow")}
        </LinkButton>
      }
    >
      {t(key)}
    </Banner>
  );
}

/** Whether the time `at` (milliseconds since the epoch) is over. */
function useHasPassed(at: number): boolean {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  }, [at]);
  return now >= at;
}
