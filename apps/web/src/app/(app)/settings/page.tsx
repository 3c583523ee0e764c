import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Settings } from "../../../features/settings/settings";
import { languageOptions } from "../../../i18n/language-names";
import { QueryScope } from "../../providers/query-scope";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("settings");
  return { title: t("title") };
}

export default function SettingsPage() {
  return (
    <QueryScope>
      <Settings languages={languageOptions()} />
    </QueryScope>
  );
}
