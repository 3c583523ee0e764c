"use client";

import { useLocale } from "next-intl";
import { useSyncExternalStore } from "react";

/**
 * The interface language with the person's own region where the browser names one (`en` → `en-GB`): for times and dates,
 * which a language alone does not settle. The server knows no region, so it and the first drawing use the language.
 */
export function useRegionalLocale(): string {
  const locale = useLocale();
  return useSyncExternalStore(
    subscribe,
    () => regionalLocale(locale, navigator.languages),
    () => locale,
  );
}

export function regionalLocale(locale: string, wished: readonly string[]): string {
  return wished.find((tag) => tag.toLowerCase().startsWith(`${locale}-`)) ?? locale;
}

function subscribe(notify: () => void): () => void {
  window.addEventListener("languagechange", notify);
  return () => window.removeEventListener("languagechange", notify);
}
