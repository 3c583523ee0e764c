import { matchLanguage, UI_LANGUAGES, uiLanguageSchema, type UiLanguage } from "@ashchat/contracts/languages";

/** Tags looked at in one Accept-Language header. */
const ACCEPT_TAGS_MAX = 20;

/** The interface language: the chosen one, else the browser's first that has a catalogue, else English. */
export function resolveLocale(cookie: string | undefined, acceptLanguage: string | null): UiLanguage {
  const chosen = uiLanguageSchema.safeParse(cookie);
  if (chosen.success) return chosen.data;
  return matchLanguage(acceptedTags(acceptLanguage), UI_LANGUAGES) ?? "en";
}

/** Language tags of an Accept-Language header, best first; what is refused (`q=0`) or `*` is left out. */
export function acceptedTags(header: string | null): string[] {
  return (header ?? "")
    .split(",", ACCEPT_TAGS_MAX)
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const quality = parameters.find((parameter) => parameter.trim().startsWith("q="));
      return { tag: tag.trim(), quality: quality === undefined ? 1 : Number(quality.trim().slice(2)) };
    })
    .filter(({ tag, quality }) => tag !== "" && tag !== "*" && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
