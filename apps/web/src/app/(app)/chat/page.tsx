import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { EmptyState } from "../../../components/ui/empty-state";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("rooms");
  return { title: t("title") };
}

/** Beside the list on a wide screen; on a phone the list is the whole page. */
export default async function ChatPage() {
  const t = await getTranslations("rooms");
  return (
    <div className="flex flex-1 items-center">
      <EmptyState title={t("choose")}>{t("chooseBody")}</EmptyState>
    </div>
  );
}
