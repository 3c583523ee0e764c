"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { useTranslations } from "next-intl";
import { useRef, useState, type ReactNode } from "react";
import { Button, LinkButton } from "../../components/ui/button";
import { FIELD_CLASS, FieldFrame } from "../../components/ui/text-field";
import { codeDigits, isWholeCode } from "./code-digits";
import { useCountdown } from "./use-countdown";

interface CodeFormProps {
  /** Where the code went; null after a reload, when this page no longer knows. */
  email: string | null;
  resendAt: number;
  /** Answers why the code was refused, or null when it was right (the page then moves on by itself). */
  confirm: (code: string) => Promise<ErrorCode | null>;
  resend: () => Promise<ErrorCode | null>;
  changeAddress: () => void;
}

/** One field for the whole code: paste, autofill and typing all end in the same place; six digits send themselves. */
export function CodeForm({ email, resendAt, confirm, resend, changeAddress }: CodeFormProps) {
  const t = useTranslations("code");
  const errors = useTranslations("errors");
  const [digits, setDigits] = useState("");
  const [error, setError] = useState<ErrorCode | null>(null);
  const [phase, setPhase] = useState<"idle" | "checking" | "done">("idle");
  const input = useRef<HTMLInputElement>(null);

  async function check(code: string): Promise<void> {
    if (phase !== "idle") return;
    setPhase("checking");
    setError(null);
    const refusal = await confirm(code);
    setPhase(refusal === null ? "done" : "idle");
    setError(refusal);
    if (refusal !== null) input.current?.select();
  }

  function change(typed: string): void {
    const next = codeDigits(typed);
    setDigits(next);
    setError(null);
    if (isWholeCode(next) && next !== digits) void check(next);
  }

  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWholeCode(digits)) void check(digits);
        else setError("code_wrong");
      }}
    >
      <p className="text-muted text-pretty">
        {email === null ? t("sent") : t.rich("sentTo", { email, strong: emphasised })}
      </p>
      <FieldFrame
        label={t("label")}
        error={error && errors(error, { max: LIMITS.messageCodePointsMax })}
        errorIsSpoken
        hint={t("spamHint")}
      >
        {(control) => (
          <input
            {...control}
            ref={input}
            value={digits}
            onChange={(event) => change(event.target.value)}
            readOnly={phase !== "idle"}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            dir="ltr"
            autoFocus
            className={`${FIELD_CLASS} text-center text-2xl font-semibold tracking-[0.4em] tabular-nums`}
          />
        )}
      </FieldFrame>
      <Button type="submit" busy={phase !== "idle"}>
        {phase === "idle" ? t("submit") : t("checking")}
      </Button>
      <div className="flex flex-col items-start gap-2 text-sm text-muted">
        <ResendButton resendAt={resendAt} resend={resend} />
        <p>
          {t("wrongAddress")} <LinkButton onClick={changeAddress}>{t("changeAddress")}</LinkButton>
        </p>
      </div>
    </form>
  );
}

function emphasised(chunks: ReactNode): ReactNode {
  return <bdi className="font-medium wrap-anywhere text-text">{chunks}</bdi>;
}

function ResendButton({ resendAt, resend }: Pick<CodeFormProps, "resendAt" | "resend">) {
  const t = useTranslations("code");
  const errors = useTranslations("errors");
  const seconds = useCountdown(resendAt);
  const [outcome, setOutcome] = useState<"sending" | "sent" | ErrorCode | null>(null);

  async function send(): Promise<void> {
    setOutcome("sending");
    setOutcome((await resend()) ?? "sent");
  }

  return (
    <>
      <LinkButton disabled={seconds > 0 || outcome === "sending"} onClick={() => void send()}>
        {seconds > 0 ? t("resendIn", { seconds }) : t("resend")}
      </LinkButton>
      <p role="status" className="empty:hidden">
        {outcome === "sent" ? t("resent") : null}
        {outcome !== null && outcome !== "sent" && outcome !== "sending"
          ? errors(outcome, { max: LIMITS.messageCodePointsMax })
          : null}
      </p>
    </>
  );
}
