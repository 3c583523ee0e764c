import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { ClientId, MessageId, RoomId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import { neededLanguages } from "../audience";
import { noCrash, type CrashPoint } from "../crash";
import type {
  Announcer,
  AudienceReader,
  Caller,
  Clock,
  JobPublisher,
  LanguageDetector,
  Outcome,
  RoomWriter,
} from "../ports";
import { requireMember } from "./membership";
import { acceptText } from "./message-text";
import { offerTranslations, pendingLanguages } from "./translation-jobs";

export interface SendMessageDeps {
  audience: AudienceReader;
  writer: RoomWriter;
  announcer: Announcer;
  publisher: JobPublisher;
  detector: LanguageDetector;
  clock: Clock;
  newMessageId(): MessageId;
  crash?: CrashPoint;
}

export interface SendMessageInput {
  roomId: RoomId;
  clientId: ClientId;
  text: string;
}

/**
 * Keeps a message and tells the room. When it resolves the message is durable and has its place for ever; who reads
 * another language gets the original at once and the translation when it is made. Safe to repeat: the same clientId gives
 * the same message, which is announced again, because the first announcement may be what was lost.
 *
 * Errors: the reasons of `textProblem`; `not_found` for strangers; `overloaded`, `unavailable`, `timeout` to try again.
 */
export async function sendMessage(
  deps: SendMessageDeps,
  caller: Caller,
  input: SendMessageInput,
): Outcome<{ message: StoredMessage; repeated: boolean }> {
  const crash = deps.crash ?? noCrash;
  const text = acceptText(input.text);
  if (!text.ok) return text;
  const found = await requireMember(deps.audience, input.roomId, caller.userId);
  if (!found.ok) return found;
  const { audience, member } = found.value;

  const language = deps.detector.detect(text.value) ?? member.language;
  crash("send.before_insert");
  const appended = await deps.writer.append({
    messageId: deps.newMessageId(),
    roomId: input.roomId,
    senderId: caller.userId,
    clientId: input.clientId,
    text: text.value,
    language,
    sentAt: deps.clock.now(),
    needs: neededLanguages(audience, language, caller.userId),
  });
  if (!appended.ok) return appended;
  crash("send.after_insert");

  const { message, repeated } = appended.value;
  const { membersVersion } = audience.room;
  deps.announcer.announce({ kind: "message", roomId: input.roomId, membersVersion, message });
  crash("send.after_announce");
  const languages = pendingLanguages(message);
  offerTranslations(deps.publisher, message, { languages, correlationId: caller.correlationId });
  return ok({ message, repeated });
}
