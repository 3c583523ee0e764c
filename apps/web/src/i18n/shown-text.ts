import type { Me } from "@ashchat/contracts/api";
import { directionOf, type Language } from "@ashchat/contracts/languages";
import type { MessageView } from "@ashchat/contracts/message";

/** A text of a message with what assistive technology and the browser need to say and draw it. */
export interface ShownText {
  text: string;
  lang: Language;
  dir: "ltr" | "rtl" | "auto";
}

/** Whether this person reads `language` as it is: their own, or one that they understand. */
export function readsAsIs(me: Me, language: Language): boolean {
  return language === me.profile.language || me.understands.includes(language);
}

/** The text as its author wrote it; null once deleted. The direction is the text's own: detection may be wrong. */
export function originalText(message: MessageView): ShownText | null {
  if (message.text === null) return null;
  return { text: message.text, lang: message.language, dir: "auto" };
}

/** The translation that is here, also one of an earlier revision; null where there is none. */
export function translatedText(message: MessageView): ShownText | null {
  const { translation } = message;
  if (message.text === null || translation?.status !== "done") return null;
  return { text: translation.text, lang: translation.language, dir: directionOf(translation.language) };
}

/** What a reader sees first: the translation where they need one and have it, else the original. */
export function shownText(message: MessageView, me: Me): ShownText | null {
  if (message.senderId === me.profile.userId || readsAsIs(me, message.language)) return originalText(message);
  return translatedText(message) ?? originalText(message);
}
