import { NextIntlClientProvider } from "next-intl";
import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { SignUpDraftProvider } from "../../../features/account/sign-up-draft";

/** Holds what was typed while somebody goes between the form and the code. */
export default async function SignUpLayout({ children }: { children: ReactNode }) {
  const { errors, fields, signUp, code } = await getMessages();
  return (
    <NextIntlClientProvider messages={{ errors, fields, signUp, code }}>
      <SignUpDraftProvider>{children}</SignUpDraftProvider>
    </NextIntlClientProvider>
  );
}
