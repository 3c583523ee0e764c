import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { EntryCard } from "../../../../features/account/entry-card";
import { ConfirmCode } from "../../../../features/account/sign-up";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("code");
  return { title: t("title") };
}

export default async function CodePage() {
  const t = await getTranslations("code");
  return (
    <EntryCard title={t("title")}>
      <ConfirmCode />
    </EntryCard>
  );
}
