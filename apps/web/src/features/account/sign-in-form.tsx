"use client";

import { useState, type FormEvent } from "react";
import { InlineError } from "../../components/ui/banner";
import { Button } from "../../components/ui/button";
import { PasswordField } from "../../components/ui/password-field";
import { TextField } from "../../components/ui/text-field";
import { signInWithPassword } from "./sign-in";

/** Every text of the form, from the server: the page needs no catalogue in the browser. */
interface SignInTexts {
  email: string;
  password: string;
  showPassword: string;
  hidePassword: string;
  emailProblem: string;
  passwordMissing: string;
  submit: string;
  submitting: string;
  /** By error code. */
  errors: Readonly<Record<string, string>>;
  otherError: string;
}

interface SignInFormProps {
  texts: SignInTexts;
  /** Known from the step before. */
  email: string;
  /** Where to go afterwards: a path of this site. */
  next: string;
}

type Problem = "emailProblem" | "passwordMissing";

export function SignInForm({ texts, email, next }: SignInFormProps) {
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget);
    const input = { email: fieldOf(data, "email").trim(), password: fieldOf(data, "password") };
    const found = problemsOf(input);
    setProblems(found);
    setRefusal(null);
    if (found.length > 0) {
      event.currentTarget
        .querySelector<HTMLInputElement>(found[0] === "emailProblem" ? "[name=email]" : "[name=password]")
        ?.focus();
      return;
    }
    setBusy(true);
    const code = await signInWithPassword(input);
    if (code === null) {
      // A whole new page: it is drawn for the person who has just come in.
      window.location.assign(next);
      return;
    }
    setBusy(false);
    setRefusal(texts.errors[code] ?? texts.otherError);
  }

  return (
    <form noValidate method="post" className="flex flex-col gap-5" onSubmit={(event) => void submit(event)}>
      <TextField
        label={texts.email}
        name="email"
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={email}
        error={problems.includes("emailProblem") ? texts.emailProblem : null}
      />
      <PasswordField
        label={texts.password}
        name="password"
        showLabel={texts.showPassword}
        hideLabel={texts.hidePassword}
        autoComplete="current-password"
        error={problems.includes("passwordMissing") ? texts.passwordMissing : null}
      />
      {refusal ? <InlineError>{refusal}</InlineError> : null}
      <Button type="submit" busy={busy}>
        {busy ? texts.submitting : texts.submit}
      </Button>
    </form>
  );
}

function fieldOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

function problemsOf(input: { email: string; password: string }): Problem[] {
  const problems: Problem[] = [];
  if (!/^[^@\s]+@[^@\s]+$/u.test(input.email)) problems.push("emailProblem");
  if (input.password === "") problems.push("passwordMissing");
  return problems;
}
