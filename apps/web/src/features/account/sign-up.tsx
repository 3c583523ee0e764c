"use client";

import type { RegisterInput } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import type { Language, UiLanguage } from "@ashchat/contracts/languages";
import { useRouter } from "next/navigation";
import { confirmEmail, registerAccount, resendCode } from "../../app/providers/sign-up-api";
import type { Option } from "../../components/ui/select";
import { CodeForm } from "./code-form";
import { signInWithPassword } from "./sign-in";
import { useSignUpDraft } from "./sign-up-draft";
import { SignUpForm } from "./sign-up-form";

interface SignUpProps {
  locale: UiLanguage;
  guess: Language;
  languages: readonly Option[];
}

/** Step one: the form. A code on its way leads to step two. */
export function SignUp({ locale, guess, languages }: SignUpProps) {
  const draft = useSignUpDraft();
  const router = useRouter();

  async function register(input: RegisterInput): Promise<ErrorCode | null> {
    draft.setValues(input);
    const answer = await registerAccount(input);
    if (!answer.ok) return answer.error.code;
    draft.setSent({ email: input.email, resendAt: Date.now() + answer.value.resendAfterMs });
    router.push("/sign-up/code");
    return null;
  }

  return <SignUpForm draft={draft.values} locale={locale} guess={guess} languages={languages} register={register} />;
}

/** Step two: the code. The right one signs in with the password that is still in memory, else asks for it. */
export function ConfirmCode() {
  const { values, sent, setSent } = useSignUpDraft();
  const router = useRouter();

  async function confirm(code: string): Promise<ErrorCode | null> {
    const answer = await confirmEmail({ code });
    if (!answer.ok) return answer.error.code;
    const { email } = answer.value;
    const refusal = values === null ? "unknown" : await signInWithPassword({ email, password: values.password });
    const query = new URLSearchParams({ confirmed: "1", email });
    // A whole new page: it is drawn for the person who has just come in.
    window.location.assign(refusal === null ? "/chat" : `/sign-in?${query}`);
    return null;
  }

  async function resend(): Promise<ErrorCode | null> {
    const answer = await resendCode();
    if (!answer.ok) return answer.error.code;
    setSent({ email: sent?.email ?? "", resendAt: Date.now() + answer.value.resendAfterMs });
    return null;
  }

  return (
    <CodeForm
      email={sent?.email || null}
      resendAt={sent?.resendAt ?? 0}
      confirm={confirm}
      resend={resend}
      changeAddress={() => router.push("/sign-up")}
    />
  );
}
