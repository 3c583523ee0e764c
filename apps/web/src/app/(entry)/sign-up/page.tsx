import { LANGUAGES, matchLanguage } from "@ashchat/contracts/languages";
import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { redirect } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { ENTRY_LINK_CLASS, EntryCard } from "../../../features/account/entry-card";
import { SignUp } from "../../../features/account/sign-up";
import { languageOptions } from "../../../i18n/language-names";
import { acceptedTags } from "../../../i18n/locale";
import { isSignedIn } from "../../session";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signUp");
  return { title: t("title") };
}

export default async function SignUpPage() {
  const [t, locale, head, signedIn] = await Promise.all([
    getTranslations("signUp"),
    getLocale(),
    headers(),
    isSignedIn(),
  ]);
  if (signedIn) redirect("/chat");
  return (
    <EntryCard
      title={t("title")}
      footer={
        <>
          {t("haveAccount")}{" "}
          <Link href="/sign-in" className={ENTRY_LINK_CLASS}>
            {t("signIn")}
          </Link>
        </>
      }
    >
      <SignUp
        locale={locale}
        guess={matchLanguage(acceptedTags(head.get("accept-language")), LANGUAGES) ?? locale}
        languages={languageOptions()}
      />
    </EntryCard>
  );
}
