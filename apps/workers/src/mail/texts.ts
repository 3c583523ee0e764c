import type { UiLanguage } from "@ashchat/contracts/languages";
import { createTranslator } from "use-intl/core";
import en from "./messages/en.json";
import es from "./messages/es.json";
import fr from "./messages/fr.json";
import pt from "./messages/pt.json";

type Catalogue = typeof en;

/** One catalogue per language of the interface; the type makes a missing language an error, a test a missing key. */
export const CATALOGUES: Readonly<Record<UiLanguage, Catalogue>> = { en, es, pt, fr };

export function mailTexts(locale: UiLanguage) {
  return createTranslator({ locale, messages: CATALOGUES[locale] });
}
