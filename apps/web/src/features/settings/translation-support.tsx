"use client";

import type { TranslationSupport } from "@ashchat/contracts/api";
import { LANGUAGES, type Language } from "@ashchat/contracts/languages";
import { useLocale, useTranslations } from "next-intl";
import { engineName } from "../../i18n/engine-names";
import { languageName } from "../../i18n/language-names";

interface TranslationSupportViewProps {
  support: TranslationSupport;
  /** The reading language. */
  into: Language;
}

/** What the engines of this installation said that they can do, also where that is little. */
export function TranslationSupportView({ support, into }: TranslationSupportViewProps) {
  const t = useTranslations("settings");
  const locale = useLocale();
  const can = LANGUAGES.filter((from) => support.pairs.some((pair) => pair.from === from && pair.to.includes(into)));
  const cannot = LANGUAGES.filter((language) => language !== into && !can.includes(language));
  const names = (languages: readonly Language[]) =>
    new Intl.ListFormat(locale, { type: "conjunction" }).format(
      languages.map((language) => languageName(language, locale)),
    );
  return (
    <div className="flex flex-col gap-3">
      {can.length === 0 ? (
        <p>{t("translationNone")}</p>
      ) : (
        <>
          <p>{t("translationInto", { language: languageName(into, locale) })}</p>
          <p className="font-medium">{t("translationFrom", { languages: names(can) })}</p>
          {cannot.length > 0 ? (
            <p className="text-sm text-muted">{t("translationMissing", { languages: names(cannot) })}</p>
          ) : null}
        </>
      )}
      {support.engines.length > 0 ? (
        <ul className="flex flex-col gap-1 text-sm text-muted">
          {support.engines.map((engine) => (
            <li key={engine.name}>
              {t(engine.ready ? (engine.offline ? "engineOffline" : "engineReady") : "engineDown", {
                engine: engineName(engine.name),
              })}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
