import type { StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import type { Language } from "@ashchat/contracts/languages";
import type { MessageView, TranslationView } from "@ashchat/contracts/message";

/** A message as a reader of `language` sees it: its own text and at most that one translation; null = the original only. */
export function viewMessage(stored: StoredMessage, language: Language | null): MessageView {
  const isReadable = isTextReadable(stored);
  return {
    roomId: stored.roomId,
    seq: stored.seq,
    senderId: stored.senderId,
    clientId: stored.clientId,
    sentAt: stored.sentAt,
    language: stored.language,
    text: isReadable ? stored.text : null,
    revision: stored.revision,
    version: stored.version,
    editedAt: stored.editedAt,
    deletedAt: stored.deletedAt,
    translation: isReadable && language !== null ? viewTranslation(stored.translations[language], language) : null,
  };
}

/** UTF-16 units of text that the view carries. */
export function charsOf(view: MessageView): number {
  const translated = view.translation?.status === "done" ? view.translation.text.length : 0;
  return (view.text?.length ?? 0) + translated;
}

/** A deleted message keeps its place in the order but shows nothing of what it said. */
export function isTextReadable(message: Pick<StoredMessage, "text" | "deletedAt">): boolean {
  return message.deletedAt === null && message.text !== null;
}

function viewTranslation(stored: StoredTranslation | undefined, language: Language): TranslationView | null {
  if (stored === undefined) return null;
  const { revision } = stored;
  switch (stored.status) {
    case "pending":
    case "not_needed":
      return { status: stored.status, language, revision };
    case "failed":
      return { status: "failed", language, revision, reason: stored.reason };
    case "done":
      return { status: "done", language, revision, text: stored.text, engine: stored.engine, at: stored.at };
  }
}
