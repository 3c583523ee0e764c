import { directionOf, type UiLanguage } from "@ashchat/contracts/languages";
import { Body, Container, Head, Hr, Html, Preview, Text } from "@react-email/components";
import type { ReactNode } from "react";
import { mailTexts } from "./texts";

/** Inline, because mail programs know no style sheets. The colours are those of the light theme. */
export const STYLES = {
  body: {
    backgroundColor: "#f5f2ef",
    color: "#2b2724",
    fontFamily: "'Noto Sans', Helvetica, Arial, sans-serif",
    margin: 0,
  },
  container: {
    backgroundColor: "#ffffff",
    borderRadius: "12px",
    margin: "24px auto",
    maxWidth: "480px",
    padding: "24px 32px",
  },
  text: { fontSize: "16px", lineHeight: "24px" },
  quiet: { color: "#6b635d", fontSize: "13px", lineHeight: "20px" },
  code: { fontSize: "34px", fontWeight: 700, letterSpacing: "8px", margin: "16px 0", textAlign: "center" as const },
  button: {
    backgroundColor: "#b3401a",
    borderRadius: "8px",
    color: "#ffffff",
    fontSize: "16px",
    fontWeight: 600,
    padding: "12px 20px",
  },
  rule: { borderColor: "#e4ded9" },
};

interface LayoutProps {
  locale: UiLanguage;
  preview: string;
  children: ReactNode;
}

export function Layout({ locale, preview, children }: LayoutProps) {
  return (
    <Html lang={locale} dir={directionOf(locale)}>
      <Head />
      <Preview>{preview}</Preview>
      <Body style={STYLES.body}>
        <Container style={STYLES.container}>
          {children}
          <Hr style={STYLES.rule} />
          <Text style={STYLES.quiet}>{mailTexts(locale)("footer")}</Text>
        </Container>
      </Body>
    </Html>
  );
}
