"use client";

import type { SessionView } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { MonitorSmartphone } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { InlineError } from "../../components/ui/banner";
import { Button } from "../../components/ui/button";
import { relativeTime } from "../../i18n/relative-time";

interface SessionsProps {
  sessions: readonly SessionView[];
  revoke: (sessionId: SessionView["sessionId"]) => Promise<ErrorCode | null>;
  revokeOthers: () => Promise<ErrorCode | null>;
}

/** The devices that are signed in, this one first, each of the others with a way to sign it out. */
export function Sessions({ sessions, revoke, revokeOthers }: SessionsProps) {
  const t = useTranslations("settings");
  const errors = useTranslations("errors");
  const locale = useLocale();
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<ErrorCode | null>(null);
  const others = sessions.filter((session) => !session.current);
  const sorted = [...sessions.filter((session) => session.current), ...others];

  async function run(key: string, work: () => Promise<ErrorCode | null>): Promise<void> {
    if (busy !== null) return;
    setBusy(key);
    setProblem(await work());
    setBusy(null);
  }

  return (
    <>
      <ul className="flex flex-col divide-y divide-line">
        {sorted.map((session) => {
          const device = [session.device.name, session.device.os].filter(Boolean).join(", ") || t("unknownDevice");
          return (
            <li key={session.sessionId} className="flex flex-wrap items-center gap-3 py-3">
              <MonitorSmartphone aria-hidden className="size-6 shrink-0 text-muted" />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{device}</p>
                <p className="text-sm text-muted">
                  {session.current
                    ? t("thisDevice")
                    : t("lastUsed", { time: relativeTime(session.lastSeenAt, Date.now(), locale) })}
                </p>
              </div>
              {session.current ? null : (
                <Button
                  variant="secondary"
                  busy={busy === session.sessionId}
                  aria-label={t("signOutDevice", { device })}
                  onClick={() => void run(session.sessionId, () => revoke(session.sessionId))}
                >
                  {t("signOut")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {problem ? <InlineError>{errors(problem, { max: 0 })}</InlineError> : null}
      {others.length === 0 ? (
        <p className="text-sm text-muted">{t("noOtherDevices")}</p>
      ) : (
        <Button variant="danger" busy={busy === "others"} onClick={() => void run("others", revokeOthers)}>
          {t("signOutOthers")}
        </Button>
      )}
    </>
  );
}
