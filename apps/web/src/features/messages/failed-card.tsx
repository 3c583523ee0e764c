"use client";

import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "../../components/ui/button";

/** One card for everything that did not go out, never a notice per message. */
export function FailedCard({ count, onRetryAll }: { count: number; onRetryAll: () => void }) {
  const t = useTranslations("conversation");
  if (count < 2) return null;
  return (
    <div
      role="status"
      className="flex items-center gap-3 border-t border-line bg-danger-soft px-4 py-2 text-sm wide:px-6"
    >
      <CircleAlert aria-hidden className="size-5 shrink-0 text-danger" />
      <p className="flex-1">{t("failedCount", { count })}</p>
      <Button variant="danger" onClick={onRetryAll}>
        {t("retryAll")}
      </Button>
    </div>
  );
}
