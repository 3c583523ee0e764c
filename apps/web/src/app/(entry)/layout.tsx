import { UI_LANGUAGES } from "@ashchat/contracts/languages";
import Link from "next/link";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Mark } from "../../components/ui/logo";
import { nativeName } from "../../i18n/language-names";
import { LocaleSelect } from "../../i18n/locale-select";

/** The frame of the pages before the chat: name, language of the page, one column. */
export default async function EntryLayout({ children }: { children: ReactNode }) {
  const [locale, app, fields] = await Promise.all([getLocale(), getTranslations("app"), getTranslations("fields")]);
  const options = UI_LANGUAGES.map((language) => ({ value: language, label: nativeName(language) }));
  return (
    <div className="safe-block-start safe-block-end flex min-h-dvh flex-col">
      <header className="mx-auto flex w-full max-w-5xl items-center justify-between gap-4 px-4 py-3">
        <Link href="/" className="flex min-h-11 items-center gap-2.5 rounded-xl pe-2 text-lg font-semibold">
          <Mark />
          {app("name")}
        </Link>
        <LocaleSelect label={fields("pageLanguage")} locale={locale} options={options} />
      </header>
      <main className="flex flex-1 flex-col">{children}</main>
    </div>
  );
}
