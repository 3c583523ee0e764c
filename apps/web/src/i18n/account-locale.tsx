"use client";

import type { UiLanguage } from "@ashchat/contracts/languages";
import { useLocale } from "next-intl";
import { useEffect } from "react";
import { hasLocaleCookie } from "./locale-cookie";
import { useChangeLocale } from "./use-change-locale";

/** On a device without a choice of its own the interface takes the account's language. */
export function AccountLocale({ uiLanguage }: { uiLanguage: UiLanguage }) {
  const locale = useLocale();
  const changeLocale = useChangeLocale();
  useEffect(() => {
    if (!hasLocaleCookie(document.cookie) && locale !== uiLanguage) changeLocale(uiLanguage);
  }, [locale, uiLanguage, changeLocale]);
  return null;
}
