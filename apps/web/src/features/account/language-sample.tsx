import { directionOf, type Language } from "@ashchat/contracts/languages";
import { LANGUAGE_SAMPLES } from "../../i18n/language-samples";

/** A message as it will look in the language being chosen. */
export function LanguageSample({ language, label }: { language: Language; label: string }) {
  return (
    <figure className="flex flex-col gap-1.5 rounded-2xl bg-sunken p-3">
      <figcaption className="text-xs text-muted">{label}</figcaption>
      <p
        lang={language}
        dir={directionOf(language)}
        className="w-fit max-w-full rounded-2xl rounded-es-md border border-line bg-bubble-other px-3.5 py-2 text-bubble-text"
      >
        {LANGUAGE_SAMPLES[language]}
      </p>
    </figure>
  );
}
