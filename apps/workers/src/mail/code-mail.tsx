import type { UiLanguage } from "@ashchat/contracts/languages";
import { Text } from "@react-email/components";
import { Layout, STYLES } from "./layout";
import { mailTexts } from "./texts";

interface CodeMailProps {
  locale: UiLanguage;
  /** Empty: nobody is greeted by name. */
  name: string;
  code: string;
  validForMinutes: number;
}

export function CodeMail({ locale, name, code, validForMinutes }: CodeMailProps) {
  const t = mailTexts(locale);
  const minutes = validForMinutes;
  return (
    <Layout locale={locale} preview={t("code.preview", { minutes })}>
      <Text style={STYLES.text}>{name === "" ? t("code.greetingNobody") : t("code.greeting", { name })}</Text>
      <Text style={STYLES.text}>{t("code.body")}</Text>
      <Text style={STYLES.code} dir="ltr">
        {code}
      </Text>
      <Text style={STYLES.text}>{t("code.validity", { minutes })}</Text>
      <Text style={STYLES.quiet}>{t("code.ignore")}</Text>
    </Layout>
  );
}
