import type { MessageView, TranslationView } from "@ashchat/contracts/message";

/**
 * The state of one message after `incoming` was heard, whatever the order of arrival: the higher version wins, and a
 * translation is never lost to a frame that carries none. Returns `known` itself where nothing changed.
 */
export function mergeMessage(known: MessageView, incoming: MessageView): MessageView {
  const base = incoming.version > known.version ? incoming : known;
  const translation = base.text === null ? null : mergeTranslation(known, incoming);
  return translation === base.translation ? base : { ...base, translation };
}

/** The translation to show, or null where there is none or it translates an older text (see `isTranslationStale`). */
export function isTranslationStale(message: MessageView): boolean {
  return message.translation !== null && message.translation.revision < message.revision;
}

function mergeTranslation(known: MessageView, incoming: MessageView): TranslationView | null {
  if (incoming.translation === null || known.translation === null) return incoming.translation ?? known.translation;
  if (incoming.version === known.version) return sameTranslation(known.translation, incoming.translation);
  const [newer, older] =
    incoming.version > known.version
      ? [incoming.translation, known.translation]
      : [known.translation, incoming.translation];
  return isFinishedBy(newer, older) ? older : newer;
}

/** A finished translation of a text is never unfinished again, so an older message may still bring it. */
function isFinishedBy(newer: TranslationView, older: TranslationView): boolean {
  if (older.language !== newer.language || older.status !== "done" || newer.status === "done") return false;
  return older.revision >= newer.revision;
}

/** The known object where both say the same, so that nothing is drawn again. */
function sameTranslation(known: TranslationView, incoming: TranslationView): TranslationView {
  const isSame =
    known.status === incoming.status && known.language === incoming.language && known.revision === incoming.revision;
  return isSame ? known : incoming;
}
