"use client";

import type { ProfileView } from "@ashchat/contracts/room";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Avatar } from "../../components/ui/avatar";
import { languageName } from "../../i18n/language-names";

/** Somebody who was found: name, tag, and the language that they read. */
export function PersonCard({ person, action }: { person: ProfileView; action?: ReactNode }) {
  const t = useTranslations("newChat");
  const locale = useLocale();
  return (
    <div className="flex items-center gap-3 rounded-2xl border border-line bg-canvas p-3">
      <Avatar name={person.name} seed={person.userId} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-semibold">
          <bdi>{person.name}</bdi>
        </p>
        <p className="text-sm text-muted">{t("reads", { language: languageName(person.language, locale) })}</p>
        {person.about ? (
          <p dir="auto" className="text-sm wrap-anywhere text-muted">
            {person.about}
          </p>
        ) : null}
      </div>
      {action}
    </div>
  );
}
