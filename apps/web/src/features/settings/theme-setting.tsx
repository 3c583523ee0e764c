"use client";

import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { Segmented } from "../../components/ui/segmented";
import { useIsBrowser } from "../../components/ui/use-is-browser";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

export function ThemeSetting() {
  const t = useTranslations("settings");
  const { theme, setTheme } = useTheme();
  // The server does not know the device's choice: it draws "system", the browser corrects it.
  const isBrowser = useIsBrowser();
  const value: Theme = (isBrowser && THEMES.find((name) => name === theme)) || "system";
  return (
    <Segmented<Theme>
      label={t("theme")}
      value={value}
      onChange={setTheme}
      options={[
        { value: "system", label: t("themeSystem") },
        { value: "light", label: t("themeLight") },
        { value: "dark", label: t("themeDark") },
      ]}
    />
  );
}
