"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { registerInputSchema, type RegisterInput } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { LANGUAGES, matchLanguage, UI_LANGUAGES, type Language, type UiLanguage } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { InlineError } from "../../components/ui/banner";
import { Button } from "../../components/ui/button";
import { PasswordField } from "../../components/ui/password-field";
import { Select, type Option } from "../../components/ui/select";
import { TextField } from "../../components/ui/text-field";
import { useChangeLocale } from "../../i18n/use-change-locale";
import { LanguageSample } from "./language-sample";

interface SignUpFormProps {
  /** What was typed before, when somebody comes back to correct it. */
  draft: RegisterInput | null;
  locale: UiLanguage;
  /** The server's guess from the browser's wishes. */
  guess: Language;
  languages: readonly Option[];
  /** Answers why it was refused, or null when the code is on its way. */
  register: (input: RegisterInput) => Promise<ErrorCode | null>;
}

export function SignUpForm({ draft, locale, guess, languages, register }: SignUpFormProps) {
  const t = useTranslations("signUp");
  const fields = useTranslations("fields");
  const errors = useTranslations("errors");
  const changeLocale = useChangeLocale();
  const [refusal, setRefusal] = useState<ErrorCode | null>(null);
  const form = useForm<RegisterInput, unknown, RegisterInput>({
    resolver: zodResolver(registerInputSchema),
    defaultValues: draft ?? { email: "", name: "", password: "", language: guess, uiLanguage: locale },
  });
  const { errors: problems, isSubmitting } = form.formState;
  const language = form.watch("language");

  useEffect(() => form.setValue("uiLanguage", locale), [form, locale]);
  useEffect(() => {
    const wished = matchLanguage(navigator.languages, LANGUAGES);
    if (draft === null && wished !== null && !form.formState.dirtyFields.language) form.setValue("language", wished);
    // Once, when the page opens: later the choice is the person's.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const submit = form.handleSubmit(async (input) => {
    setRefusal(null);
    setRefusal(await register(input));
  });

  return (
    <form noValidate className="flex flex-col gap-5" onSubmit={(event) => void submit(event)}>
      <TextField
        label={fields("email")}
        type="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        error={problems.email && fields("emailProblem")}
        {...form.register("email")}
      />
      <TextField
        label={fields("name")}
        autoComplete="name"
        dir="auto"
        hint={fields("nameHint")}
        error={problems.name && fields("nameProblem", { max: LIMITS.nameCodePointsMax })}
        {...form.register("name")}
      />
      <PasswordField
        label={fields("password")}
        showLabel={fields("showPassword")}
        hideLabel={fields("hidePassword")}
        autoComplete="new-password"
        hint={fields("passwordHint", { min: LIMITS.passwordCharsMin })}
        error={problems.password && fields("passwordProblem", { min: LIMITS.passwordCharsMin })}
        {...form.register("password")}
      />
      <div className="flex flex-col gap-3">
        <Select
          label={t("language")}
          hint={t("languageHint")}
          options={languages}
          {...form.register("language", {
            onChange: (event: { target: { value: string } }) => {
              const shown = matchLanguage([event.target.value], UI_LANGUAGES);
              if (shown !== null) changeLocale(shown);
            },
          })}
        />
        <LanguageSample language={language} label={t("sampleSender")} />
      </div>
      {refusal ? <InlineError>{errors(refusal, { max: LIMITS.messageCodePointsMax })}</InlineError> : null}
      <Button type="submit" busy={isSubmitting}>
        {isSubmitting ? t("submitting") : t("submit")}
      </Button>
    </form>
  );
}
