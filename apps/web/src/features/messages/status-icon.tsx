"use client";

import { Check, CheckCheck, CircleAlert, CircleArrowUp, Clock } from "lucide-react";
import { useTranslations } from "next-intl";
import { Tooltip } from "../../components/ui/tooltip";
import { cx } from "../../components/ui/cx";
import { useRegionalLocale } from "../../i18n/regional-locale";
import type { MessageStatusName } from "../../realtime/message-status";
import { clockTime } from "./day";

interface StatusIconProps {
  status: MessageStatusName;
  /** When it was written or sent; milliseconds since the epoch. */
  at: number;
  /** How many of the others have it or have read it; said in groups. */
  counts?: { deliveredTo: number; readBy: number; others: number };
}

const ICONS = {
  queued: Clock,
  sending: CircleArrowUp,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
} as const;

/** How far one's own message has come: an icon, the same in words, and a tooltip with the time. */
export function StatusIcon({ status, at, counts }: StatusIconProps) {
  const t = useTranslations("status");
  const locale = useRegionalLocale();
  const Icon = ICONS[status];
  const words = wordsOf();
  return (
    <Tooltip text={t("at", { status: words, time: clockTime(at, locale) })}>
      <span role="img" aria-label={words} className="inline-flex">
        <Icon
          aria-hidden
          className={cx("size-4", status === "read" && "text-accent-text", status === "failed" && "text-danger")}
          strokeWidth={status === "read" ? 3 : 2}
        />
      </span>
    </Tooltip>
  );

  function wordsOf(): string {
    if (counts !== undefined && counts.others > 1) {
      if (counts.readBy > 0) return t("readBy", { count: counts.readBy, total: counts.others });
      if (counts.deliveredTo > 0) return t("deliveredTo", { count: counts.deliveredTo, total: counts.others });
    }
    return t(status);
  }
}
