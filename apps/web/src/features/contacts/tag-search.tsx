"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import type { ProfileView } from "@ashchat/contracts/room";
import { useTranslations } from "next-intl";
import { useState, type FormEvent } from "react";
import { useApi } from "../../app/providers/api";
import { Button } from "../../components/ui/button";
import { TextField } from "../../components/ui/text-field";

interface TagSearchProps {
  label: string;
  submitLabel: string;
  busyLabel: string;
  hint?: string;
  autoFocus?: boolean;
  /** What to do with the person; answers why it cannot be done, in words, or null. */
  onFound: (person: ProfileView) => string | null | Promise<string | null>;
}

/** A field for a tag and a button that looks the person up. */
export function TagSearch({ label, submitLabel, busyLabel, hint, autoFocus = false, onFound }: TagSearchProps) {
  const t = useTranslations("newChat");
  const errors = useTranslations("errors");
  const api = useApi();
  const [tag, setTag] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    // A form inside another one's dialog must not send that one as well.
    event.stopPropagation();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    const answer = await api.findByTag(tag);
    const refusal = answer.ok ? await onFound(answer.value) : wordsFor(answer.error.code);
    setBusy(false);
    setProblem(refusal);
    if (refusal === null) setTag("");
  }

  function wordsFor(code: ErrorCode): string {
    if (code === "invalid_input") return t("tagProblem");
    if (code === "not_found") return t("notFound");
    return errors(code, { max: 0 });
  }

  return (
    <form noValidate className="flex items-start gap-2" onSubmit={(event) => void submit(event)}>
      <TextField
        className="min-w-0 flex-1"
        label={label}
        value={tag}
        dir="ltr"
        autoFocus={autoFocus}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        placeholder="ana-4k7q"
        hint={hint}
        error={problem}
        errorIsSpoken
        onChange={(event) => {
          setTag(event.target.value);
          setProblem(null);
        }}
      />
      <Button type="submit" variant="secondary" busy={busy} className="mt-[1.625rem]">
        {busy ? busyLabel : submitLabel}
      </Button>
    </form>
  );
}
