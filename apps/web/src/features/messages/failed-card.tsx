"use client";

import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "../../components/ui/button";
import { cx } from "../../components/ui/cx";
import { COLUMN_CLASS } from "./column";

/** One card for everything that did not go out, never a notice per message. */
export function FailedCard({ count, onRetryAll }: { count: number; onRetryAll: () => void }) {
  const t = useTranslations("conversation");
  if (count < 2) return null;
  return (
    <div role="status" className="border-t border-line bg-danger-soft text-sm">
      <div className={cx(COLUMN_CLASS, "flex items-center gap-3 py-2")}>
        <CircleAlert aria-hidden className="size-5 shrink-0 text-danger" />
        <p className="flex-1">{t("failedCount", { count })}</p>
        <Button variant="danger" onClick={onRetryAll}>
          {t("retryAll")}
        </Button>
      </div>
    </div>
  );
}
