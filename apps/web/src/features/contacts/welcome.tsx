"use client";

import { useLocale, useTranslations } from "next-intl";
import { Mark } from "../../components/ui/logo";
import { languageName } from "../../i18n/language-names";
import { useMe } from "../../realtime/react";
import { FindPerson } from "./find-person";

/** The first thing that a newcomer sees: how to get from nobody to the first message. */
export function Welcome({ onOpened }: { onOpened: (roomId: string) => void }) {
  const t = useTranslations("welcome");
  const locale = useLocale();
  const me = useMe();
  return (
    <section className="mx-auto flex w-full max-w-md animate-appear flex-col gap-5 px-4 py-6">
      <div className="flex flex-col items-center gap-2 text-center">
        <Mark className="size-14" />
        <h2 className="mt-1 text-xl font-semibold text-balance">
          {t.rich("title", { name: () => <bdi>{me.profile.name}</bdi> })}
        </h2>
        <p className="text-muted text-pretty">{t("body", { language: languageName(me.profile.language, locale) })}</p>
      </div>
      <FindPerson onOpened={onOpened} />
    </section>
  );
}
