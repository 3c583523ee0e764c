import type { UiLanguage } from "@ashchat/contracts/languages";

/** Each catalogue is fetched only when its language is shown. */
const CATALOGUES = {
  en: () => import("../../messages/en.json"),
  es: () => import("../../messages/es.json"),
  pt: () => import("../../messages/pt.json"),
  fr: () => import("../../messages/fr.json"),
} satisfies Record<UiLanguage, unknown>;

export async function loadMessages(locale: UiLanguage) {
  return (await CATALOGUES[locale]()).default;
}
