"use client";

import { createContext, use, useMemo, useState, type ReactNode } from "react";
import type { RegisterInput } from "@ashchat/contracts/api";

/** What the code step knows of the last mail. */
export interface SentCode {
  email: string;
  /** Milliseconds since the epoch: when a new code may be asked for. */
  resendAt: number;
}

interface SignUpDraft {
  /** What was typed, kept in memory only: "wrong address?" comes back to a filled form. */
  values: RegisterInput | null;
  sent: SentCode | null;
  setValues: (values: RegisterInput) => void;
  setSent: (sent: SentCode) => void;
}

const DraftContext = createContext<SignUpDraft | null>(null);

/** Lives in the layout above both steps, so that going to and fro loses nothing. */
export function SignUpDraftProvider({ children }: { children: ReactNode }) {
  const [values, setValues] = useState<RegisterInput | null>(null);
  const [sent, setSent] = useState<SentCode | null>(null);
  const draft = useMemo(() => ({ values, sent, setValues, setSent }), [values, sent]);
  return <DraftContext value={draft}>{children}</DraftContext>;
}

export function useSignUpDraft(): SignUpDraft {
  const draft = use(DraftContext);
  if (draft === null) throw new Error("useSignUpDraft needs a SignUpDraftProvider above it");
  return draft;
}
