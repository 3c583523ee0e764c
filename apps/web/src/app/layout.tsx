import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import { uiLanguageFor, directionOf } from "@ashchat/contracts/languages";
import type { ReactNode } from "react";
import { ThemeProvider } from "./providers/theme";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("app");
  return {
    title: { default: t("name"), template: `%s · ${t("name")}` },
    description: t("description"),
    applicationName: t("name"),
    formatDetection: { telephone: false, email: false, address: false },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  // The on-screen keyboard shrinks the page, so that it never covers the composer.
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f5f3ef" },
    { media: "(prefers-color-scheme: dark)", color: "#131619" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, head] = await Promise.all([getLocale(), headers()]);
  const nonce = head.get("x-nonce");
  return (
    // The theme's script sets an attribute on <html> before React arrives.
    <html lang={locale} dir={directionOf(uiLanguageFor(locale))} suppressHydrationWarning>
      <body>
        <ThemeProvider {...(nonce ? { nonce } : {})}>{children}</ThemeProvider>
      </body>
    </html>
  );
}
