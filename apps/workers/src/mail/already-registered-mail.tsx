import type { UiLanguage } from "@ashchat/contracts/languages";
import { Button, Section, Text } from "@react-email/components";
import { Layout, STYLES } from "./layout";
import { mailTexts } from "./texts";

interface AlreadyRegisteredMailProps {
  locale: UiLanguage;
  signInUrl: string;
}

export function AlreadyRegisteredMail({ locale, signInUrl }: AlreadyRegisteredMailProps) {
  const t = mailTexts(locale);
  return (
    <Layout locale={locale} preview={t("alreadyRegistered.preview")}>
      <Text style={STYLES.text}>{t("alreadyRegistered.greeting")}</Text>
      <Text style={STYLES.text}>{t("alreadyRegistered.body")}</Text>
      <Section>
        <Button href={signInUrl} style={STYLES.button}>
          {t("alreadyRegistered.action")}
        </Button>
      </Section>
      <Text style={STYLES.quiet}>{t("alreadyRegistered.ignore")}</Text>
    </Layout>
  );
}
