import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { readsAsIs } from "../audience";
import { isTextReadable } from "../message-view";
import type { AudienceReader, Caller, Clock, JobPublisher, MessageStore, Outcome } from "../ports";
import { requireMember } from "./membership";
import { offerTranslations } from "./translation-jobs";

export interface RequestTranslationDeps {
  audience: AudienceReader;
  messages: Pick<MessageStore, "findMany" | "requestTranslation">;
  publisher: JobPublisher;
  clock: Clock;
}

/**
 * Asks for translations into the caller's language of this room: history on view, or failed ones again. Returns the messages as
 * they then are, sorted by seq; what needs no translation (one's own, a language that one reads, deleted) comes back as it is.
 */
export async function requestTranslation(
  deps: RequestTranslationDeps,
  caller: Caller,
  input: { roomId: RoomId; seqs: readonly number[] },
): Outcome<StoredMessage[]> {
  const found = await requireMember(deps.audience, input.roomId, caller.userId);
  if (!found.ok) return found;
  const { member } = found.value;
  const seqs = [...new Set(input.seqs)]
    .filter((seq) => seq > member.joinedSeq)
    .slice(0, LIMITS.translateOnViewMessagesMax);
  const read = await deps.messages.findMany(input.roomId, seqs);
  if (!read.ok) return read;

  const wanted = read.value.filter(
    (message) => isTextReadable(message) && message.senderId !== caller.userId && !readsAsIs(member, message.language),
  );
  if (wanted.length === 0) return ok(bySeq(read.value));
  const { language } = member;
  const requested = await deps.messages.requestTranslation({
    roomId: input.roomId,
    seqs: wanted.map((message) => message.seq),
    language,
    now: deps.clock.now(),
  });
  if (!requested.ok) return requested;
  for (const message of requested.value) {
    offerTranslations(deps.publisher, message, { languages: [language], correlationId: caller.correlationId });
  }
  const current = new Map([...read.value, ...requested.value].map((message) => [message.seq, message]));
  return ok(bySeq([...current.values()]));
}

function bySeq(messages: readonly StoredMessage[]): StoredMessage[] {
  return messages.toSorted((a, b) => a.seq - b.seq);
}
