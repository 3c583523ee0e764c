import Link from "next/link";
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
          <Link href="/" className={buttonClass()}>
            {t("action")}
          </Link>
        }
      >
        {t("body")}
      </EmptyState>
    </main>
  );
}
