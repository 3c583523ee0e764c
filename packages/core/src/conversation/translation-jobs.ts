import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { CorrelationId } from "@ashchat/contracts/ids";
import { languageSchema, type Language } from "@ashchat/contracts/languages";
import { QUEUES } from "@ashchat/contracts/queues";
import type { JobPublisher } from "../ports";

/** Languages for which the message's present revision still waits for a translation. */
export function pendingLanguages(message: StoredMessage): Language[] {
  return Object.entries(message.translations)
    .filter(([, translation]) => translation.status === "pending" && translation.revision === message.revision)
    .map(([language]) => languageSchema.parse(language));
}

/** Offers one job per language. Best effort: the languages are pending in the document, so the sweep offers them again. */
export function offerTranslations(
  publisher: JobPublisher,
  message: StoredMessage,
  job: { languages: readonly Language[]; correlationId: CorrelationId },
): void {
  for (const language of job.languages) {
    publisher.offer(QUEUES.translation, {
      v: 1,
      type: "message.translate",
      correlationId: job.correlationId,
      roomId: message.roomId,
      seq: message.seq,
      revision: message.revision,
      language,
      clientId: message.clientId,
    });
  }
}
