import type { Me } from "@ashchat/contracts/api";
import type { MessageView } from "@ashchat/contracts/message";
import { originalText, readsAsIs, translatedText, type ShownText } from "../../i18n/shown-text";

/**
 * What stands under a bubble. `none`: read as written. `translating`: the original is shown, a translation is on its
 * way. `translated`: it is here (`stale`: of the text before an edit). `failed`: it can be asked for again.
 * `unsupported`: nobody here can translate it, so trying again is no use.
 */
export type TranslationLine =
  | { kind: "none" }
  | { kind: "translating" }
  | { kind: "translated"; engine: string; stale: boolean }
  | { kind: "failed" }
  | { kind: "unsupported" };

export interface BubbleText {
  /** Null: deleted. */
  original: ShownText | null;
  translation: ShownText | null;
  line: TranslationLine;
}

/** The texts of one message for one reader, and what to say about them. */
export function bubbleText(message: MessageView, me: Me): BubbleText {
  const original = originalText(message);
  const own = message.senderId === me.profile.userId;
  if (original === null || own || readsAsIs(me, message.language)) {
    return { original, translation: null, line: { kind: "none" } };
  }
  return { original, translation: translatedText(message), line: lineOf(message) };
}

function lineOf({ translation, revision }: MessageView): TranslationLine {
  if (translation === null) return { kind: "translating" };
  const stale = translation.revision < revision;
  switch (translation.status) {
    case "done":
      return { kind: "translated", engine: translation.engine, stale };
    case "pending":
      return { kind: "translating" };
    case "not_needed":
      return stale ? { kind: "translating" } : { kind: "none" };
    case "failed":
      if (stale) return { kind: "translating" };
      return translation.reason === "unsupported" ? { kind: "unsupported" } : { kind: "failed" };
  }
}
