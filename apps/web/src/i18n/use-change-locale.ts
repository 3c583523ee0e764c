"use client";

import type { UiLanguage } from "@ashchat/contracts/languages";
import { useRouter } from "next/navigation";
import { startTransition, useCallback } from "react";
import { localeCookie } from "./locale-cookie";

/** Keeps the choice on this device and draws the page again in that language; what was typed stays. */
export function useChangeLocale(): (locale: UiLanguage) => void {
  const router = useRouter();
  return useCallback(
    (locale: UiLanguage) => {
      document.cookie = localeCookie(locale, window.location.protocol === "https:");
      startTransition(() => router.refresh());
    },
    [router],
  );
}
