"use client";

import { useTranslations } from "next-intl";
import { useRegionalLocale } from "../../i18n/regional-locale";
import { dayName } from "./day";

export function DaySeparator({ at }: { at: number }) {
  return (
    <div className="flex justify-center pt-4 pb-1">
      <DayPill at={at} />
    </div>
  );
}

export function DayPill({ at }: { at: number }) {
  const t = useTranslations("conversation");
  const locale = useRegionalLocale();
  const name = dayName(at, Date.now(), locale);
  return (
    <span className="rounded-full border border-line bg-surface px-3 py-1 text-xs font-medium text-muted">
      {name.kind === "date" ? name.text : t(name.kind)}
    </span>
  );
}

/** Above the first message of the room. */
export function Beginning() {
  const t = useTranslations("conversation");
  return <p className="px-6 pt-8 pb-2 text-center text-sm text-muted">{t("beginning")}</p>;
}

/** Stands once before the first message that came since the last visit. */
export function UnreadSeparator() {
  const t = useTranslations("conversation");
  return (
    <div role="separator" aria-label={t("newMessages")} className="flex items-center gap-3 px-3 pt-4 pb-1 wide:px-6">
      <span aria-hidden className="flex-1 border-t border-accent" />
      <span aria-hidden className="text-xs font-semibold text-accent-text">
        {t("newMessages")}
      </span>
      <span aria-hidden className="flex-1 border-t border-accent" />
    </div>
  );
}
