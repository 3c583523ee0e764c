import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Banner } from "../../../components/ui/banner";
import { ENTRY_LINK_CLASS, EntryCard } from "../../../features/account/entry-card";
import { safePath } from "../../../features/account/safe-path";
import { SignInForm } from "../../../features/account/sign-in-form";
import { isSignedIn } from "../../session";

/** What signing in can be refused with. */
const ERRORS = ["wrong_credentials", "rate_limited", "overloaded", "unavailable", "timeout", "internal"] as const;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("title") };
}

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const [query, t, fields, code, errors, signedIn] = await Promise.all([
    searchParams,
    getTranslations("signIn"),
    getTranslations("fields"),
    getTranslations("code"),
    getTranslations("errors"),
    isSignedIn(),
  ]);
  const next = safePath(query["next"]);
  if (signedIn) redirect(next);
  const texts = {
    email: fields("email"),
    password: fields("password"),
    showPassword: fields("showPassword"),
    hidePassword: fields("hidePassword"),
    emailProblem: fields("emailProblem"),
    passwordMissing: fields("passwordMissing"),
    submit: t("submit"),
    submitting: t("submitting"),
    errors: Object.fromEntries(ERRORS.map((code) => [code, errors(code)])),
    otherError: errors("wrong_credentials"),
  };
  return (
    <EntryCard
      title={t("title")}
      footer={
        <>
          {t("noAccount")}{" "}
          <Link href="/sign-up" className={ENTRY_LINK_CLASS}>
            {t("signUp")}
          </Link>
        </>
      }
    >
      {query["confirmed"] === "1" ? (
        <div className="mb-5 overflow-hidden rounded-xl border border-line">
          <Banner>{code("confirmed")}</Banner>
        </div>
      ) : null}
      <SignInForm texts={texts} email={typeof query["email"] === "string" ? query["email"] : ""} next={next} />
    </EntryCard>
  );
}
