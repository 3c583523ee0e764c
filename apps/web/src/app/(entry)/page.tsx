import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { Avatar } from "../../components/ui/avatar";
import { buttonClass } from "../../components/ui/button";
import { isSignedIn } from "../session";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("app");
  return { title: { absolute: `${t("name")} · ${t("tagline")}` } };
}

/** The first page: what this is, and the two ways in. Who is signed in goes straight to the chat. */
export default async function LandingPage() {
  const [signedIn, t, locale] = await Promise.all([isSignedIn(), getTranslations("landing"), getLocale()]);
  if (signedIn) redirect("/chat");
  return (
    <div className="mx-auto grid w-full max-w-5xl flex-1 content-center items-center gap-12 px-5 pt-6 pb-16 wide:grid-cols-2 wide:gap-16">
      <div className="flex flex-col gap-6">
        <h1 className="text-3xl leading-tight font-semibold text-balance wide:text-[2.75rem]">{t("title")}</h1>
        <p className="text-lg text-muted text-pretty">{t("body")}</p>
        <div className="flex flex-wrap gap-3">
          <Link href="/sign-up" className={buttonClass("primary", "px-6")}>
            {t("signUp")}
          </Link>
          <Link href="/sign-in" className={buttonClass("secondary", "px-6")}>
            {t("signIn")}
          </Link>
        </div>
      </div>
      <Example locale={locale} />
    </div>
  );
}

/** The same message as it was written and as its reader sees it. */
async function Example({ locale }: { locale: string }) {
  const t = await getTranslations("landing");
  const original =
    locale === "es"
      ? { lang: "en", text: "See you at the station at eight?", by: "Ben", to: "Ana" }
      : { lang: "es", text: "¿Nos vemos en la estación a las ocho?", by: "Ana", to: "Ben" };
  return (
    <figure className="flex flex-col gap-6 rounded-3xl border border-line bg-surface p-6 text-lg wide:p-8">
      <div className="flex flex-col items-end gap-1.5">
        <p className="flex items-center gap-2 text-sm text-muted">
          {t("exampleWrites", { name: original.by })}
          <Avatar name={original.by} seed={original.by} size="sm" />
        </p>
        <p
          lang={original.lang}
          className="w-fit max-w-[90%] rounded-2xl rounded-ee-md bg-bubble-own px-4 py-2.5 text-bubble-text"
        >
          {original.text}
        </p>
      </div>
      <div className="flex flex-col items-start gap-1.5">
        <p className="flex items-center gap-2 text-sm text-muted">
          <Avatar name={original.to} seed={original.to} size="sm" />
          {t("exampleReads", { name: original.to })}
        </p>
        <div className="w-fit max-w-[90%] rounded-2xl rounded-es-md border border-line bg-bubble-other px-4 py-2.5 text-bubble-text">
          <p>{t("exampleText")}</p>
          <p className="mt-1 text-xs text-bubble-muted">{t("exampleFrom")}</p>
        </div>
      </div>
    </figure>
  );
}
