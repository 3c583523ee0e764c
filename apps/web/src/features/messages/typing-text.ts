import type { useTranslations } from "next-intl";

type Translate = ReturnType<typeof useTranslations<"conversation">>;

/** "Ana is typing…", "Ana and Ben are typing…", "Ana and 2 others are typing…"; null for nobody. */
export function typingText(names: readonly string[], t: Translate): string | null {
  const [first, second] = names;
  if (first === undefined) return null;
  if (second === undefined) return t("typingOne", { name: first });
  if (names.length === 2) return t("typingTwo", { first, second });
  return t("typingMany", { name: first, count: names.length - 1 });
}
