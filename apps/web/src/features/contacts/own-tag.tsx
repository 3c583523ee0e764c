"use client";

import { useTranslations } from "next-intl";
import { CopyButton } from "../../components/ui/copy-button";

/** One's own tag, to be given to others. */
export function OwnTag({ tag }: { tag: string }) {
  const t = useTranslations("newChat");
  return (
    <section className="flex flex-col gap-2 rounded-2xl bg-sunken p-4">
      <h3 className="text-sm font-medium">{t("yourTag")}</h3>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <code dir="ltr" translate="no" className="font-sans text-lg font-semibold select-all">
          {tag}
        </code>
        <CopyButton text={tag} label={t("copy")} copiedLabel={t("copied")} />
      </div>
      <p className="text-sm text-muted">{t("yourTagHint")}</p>
    </section>
  );
}
