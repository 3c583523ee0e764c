import { getTranslations } from "next-intl/server";
import { buttonClass } from "../components/ui/button";
import { EmptyState } from "../components/ui/empty-state";

export default async function NotFound() {
  const t = await getTranslations("notFound");
  return (
    <main className="flex min-h-dvh items-center">
      <EmptyState
        level={1}
        title={t("title")}
        action={
          // No Link: this page belongs to all others, which would carry the router's link with them.
          // oxlint-disable-next-line next/no-html-link-for-pages -- see above
          <a href="/" className={buttonClass()}>
            {t("action")}
          </a>
        }
      >
        {t("body")}
      </EmptyState>
    </main>
  );
}
