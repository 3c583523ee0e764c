"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { updateProfileInputSchema, type Me, type UpdateProfileInput } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { codePoints } from "@ashchat/contracts/text";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { InlineError } from "../../components/ui/banner";
import { Button } from "../../components/ui/button";
import { TextArea, TextField } from "../../components/ui/text-field";

interface ProfileFormProps {
  me: Me;
  update: (input: UpdateProfileInput) => Promise<ErrorCode | null>;
}

export function ProfileForm({ me, update }: ProfileFormProps) {
  const t = useTranslations("settings");
  const fields = useTranslations("fields");
  const errors = useTranslations("errors");
  const [outcome, setOutcome] = useState<"saved" | ErrorCode | null>(null);
  const form = useForm<UpdateProfileInput, unknown, UpdateProfileInput>({
    resolver: zodResolver(updateProfileInputSchema),
    values: { name: me.profile.name, about: me.profile.about },
    resetOptions: { keepDirtyValues: true },
  });
  const { errors: problems, isSubmitting, isDirty } = form.formState;
  const max = LIMITS.aboutCodePointsMax;

  const submit = form.handleSubmit(async ({ name, about }) => {
    if (about !== undefined && codePoints(about) > max)
      return form.setError("about", { type: "max" }, { shouldFocus: true });
    const refusal = await update({
      ...(name === undefined ? {} : { name }),
      ...(about === undefined ? {} : { about }),
    });
    setOutcome(refusal ?? "saved");
    if (refusal === null) form.reset({ name, about });
  });

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void submit(event)}
      onChange={() => setOutcome(null)}
    >
      <TextField
        label={t("name")}
        autoComplete="name"
        dir="auto"
        error={problems.name && fields("nameProblem", { max: LIMITS.nameCodePointsMax })}
        {...form.register("name")}
      />
      <TextArea
        label={t("about")}
        dir="auto"
        hint={t("aboutHint", { max })}
        error={problems.about && t("aboutProblem", { max })}
        {...form.register("about")}
      />
      {outcome !== null && outcome !== "saved" ? <InlineError>{errors(outcome, { max })}</InlineError> : null}
      <div className="flex items-center gap-3">
        <Button type="submit" busy={isSubmitting} disabled={!isDirty}>
          {t("save")}
        </Button>
        <p role="status" className="text-sm text-success empty:hidden">
          {outcome === "saved" ? t("saved") : null}
        </p>
      </div>
    </form>
  );
}
