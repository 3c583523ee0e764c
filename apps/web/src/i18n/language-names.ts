import { LANGUAGES, type Language } from "@ashchat/contracts/languages";
import type { Option } from "../components/ui/select";

/** The name of `language` in `locale`, as it stands in a sentence: "Spanish", "español". */
export function languageName(language: string, locale: string): string {
  return new Intl.DisplayNames([locale], { type: "language", fallback: "code" }).of(language) ?? language;
}

/** The name that its own readers give a language, as a title: "Español", "العربية". */
export function nativeName(language: Language): string {
  const name = languageName(language, language);
  const [first = ""] = name;
  return first.toLocaleUpperCase(language) + name.slice(first.length);
}

/** Every reading language under its native name, in the order of those names; each said in its own language. */
export function languageOptions(): (Option & { value: Language })[] {
  return LANGUAGES.map((language) => ({ value: language, label: nativeName(language), lang: language })).sort((a, b) =>
    a.label.localeCompare(b.label, "en"),
  );
}

/** Which article a language's name takes where that depends on its first sound ("de l’anglais", "du français"). */
export function initialSound(name: string): "vowel" | "consonant" {
  return /^[aeiouyhàâéèêëîïôûü]/iu.test(name) ? "vowel" : "consonant";
}
