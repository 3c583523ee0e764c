"use client";

import type { Me, UpdateProfileInput } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { languageSchema, UI_LANGUAGES, uiLanguageSchema, type Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { useLocale, useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { InlineError } from "../../components/ui/banner";
import { Checkbox } from "../../components/ui/checkbox";
import { Select, type Option } from "../../components/ui/select";
import { nativeName } from "../../i18n/language-names";
import { useChangeLocale } from "../../i18n/use-change-locale";

interface LanguageSettingsProps {
  me: Me;
  languages: readonly (Option & { value: Language })[];
  update: (input: UpdateProfileInput) => Promise<ErrorCode | null>;
}

/** Three different things: what is read, what needs no translation, and what the buttons say. Each is saved at once. */
export function LanguageSettings({ me, languages, update }: LanguageSettingsProps) {
  const t = useTranslations("settings");
  const errors = useTranslations("errors");
  const locale = useLocale();
  const changeLocale = useChangeLocale();
  const [problem, setProblem] = useState<ErrorCode | null>(null);
  const max = LIMITS.understoodLanguagesMax;

  const { understands, toggle } = useUnderstood(me.understands, (wanted) => change({ understands: wanted }));

  async function change(input: UpdateProfileInput): Promise<void> {
    setProblem(await update(input));
  }

  return (
    <>
      <Select
        label={t("readingLanguage")}
        hint={t("readingLanguageHint")}
        options={languages}
        value={me.profile.language}
        onChange={(event) => {
          const language = languageSchema.safeParse(event.target.value);
          if (language.success) void change({ language: language.data });
        }}
      />
      <Select
        label={t("uiLanguage")}
        options={UI_LANGUAGES.map((language) => ({ value: language, label: nativeName(language), lang: language }))}
        value={locale}
        onChange={(event) => {
          const chosen = uiLanguageSchema.safeParse(event.target.value);
          if (!chosen.success) return;
          changeLocale(chosen.data);
          void change({ uiLanguage: chosen.data });
        }}
      />
      <fieldset>
        <legend className="text-sm font-medium">{t("understands")}</legend>
        <p className="mt-1 mb-2 text-sm text-muted">{t("understandsHint", { max })}</p>
        <div className="grid grid-cols-2 gap-x-2 sm:grid-cols-3">
          {languages
            .filter(({ value }) => value !== me.profile.language)
            .map(({ value, label }) => {
              const checked = understands.includes(value);
              return (
                <Checkbox
                  key={value}
                  label={label}
                  labelLang={value}
                  checked={checked}
                  disabled={!checked && understands.length >= max}
                  onChange={() => toggle(value)}
                />
              );
            })}
        </div>
      </fieldset>
      {problem ? <InlineError>{errors(problem, { max: 0 })}</InlineError> : null}
    </>
  );
}

/**
 * The languages as they are ticked. They are saved as one list: the next tick builds on the one before, also while that is
 * still on its way, or it would take it back.
 */
function useUnderstood(saved: readonly Language[], save: (wanted: Language[]) => Promise<void>) {
  const wanted = useRef<readonly Language[] | null>(null);
  const [shown, setShown] = useState<readonly Language[] | null>(null);

  async function toggle(language: Language): Promise<void> {
    const before = wanted.current ?? saved;
    const next = before.includes(language) ? before.filter((other) => other !== language) : [...before, language];
    wanted.current = next;
    setShown(next);
    await save(next);
    if (wanted.current !== next) return;
    wanted.current = null;
    setShown(null);
  }

  return { understands: shown ?? saved, toggle: (language: Language) => void toggle(language) };
}
