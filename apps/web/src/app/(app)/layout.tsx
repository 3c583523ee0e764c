import { NextIntlClientProvider } from "next-intl";
import { getMessages } from "next-intl/server";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { AccountLocale } from "../../i18n/account-locale";
import { AppProviders } from "../providers/app-providers";
import { SignedInGate } from "../providers/signed-in-gate";
import { currentVisitor } from "../session";
import { ProfilePending } from "./profile-pending";
import { UnreadTitle } from "./unread-title";

/** Everything behind the door: signed in, with a profile, one live connection for all pages. */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const [visitor, messages] = await Promise.all([currentVisitor(), getMessages()]);
  if (visitor.kind === "signed_out") redirect("/sign-in");
  const { landing: _landing, signIn: _signIn, signUp: _signUp, code: _code, notFound: _notFound, ...texts } = messages;
  return (
    <NextIntlClientProvider messages={texts}>
      {visitor.kind === "signed_in" ? (
        <AppProviders me={visitor.me} firstRooms={visitor.firstRooms}>
          <AccountLocale uiLanguage={visitor.me.uiLanguage} />
          <UnreadTitle />
          <SignedInGate>{children}</SignedInGate>
        </AppProviders>
      ) : (
        <ProfilePending />
      )}
    </NextIntlClientProvider>
  );
}
