import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { ChangeId, RoomId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import { neededLanguages } from "../audience";
import type { CrashPoint } from "../crash";
import type {
  Announcer,
  AudienceReader,
  Caller,
  Clock,
  JobPublisher,
  LanguageDetector,
  MessageStore,
  Outcome,
  UnloggedChange,
} from "../ports";
import { finishChange } from "./finish-change";
import { acceptText } from "./message-text";
import { requireOwnMessage } from "./own-message";
import { offerTranslations, pendingLanguages } from "./translation-jobs";

export interface EditMessageDeps {
  audience: AudienceReader;
  messages: Pick<MessageStore, "find" | "edit" | "logChange" | "settle">;
  announcer: Announcer;
  publisher: JobPublisher;
  detector: LanguageDetector;
  clock: Clock;
  newChangeId(): ChangeId;
  crash?: CrashPoint;
}

export interface EditMessageInput {
  roomId: RoomId;
  seq: number;
  /** The revision that the person saw when they began to edit. */
  revision: number;
  text: string;
}

/**
 * Replaces the text of one's own message; its translations are made anew and a late one of the old text is refused by
 * its revision. Repeating the same edit, or saving the same text, writes nothing.
 *
 * Errors: the reasons of `textProblem`, `not_found`, `forbidden`, `message_deleted`, `conflict` after another edit.
 */
export async function editMessage(
  deps: EditMessageDeps,
  caller: Caller,
  input: EditMessageInput,
): Outcome<StoredMessage> {
  const text = acceptText(input.text);
  if (!text.ok) return text;
  const own = await requireOwnMessage(deps, caller, input);
  if (!own.ok) return own;
  const { audience, member, message } = own.value;
  if (message.deletedAt !== null) return fail(appError("message_deleted", "deleted before the edit"));
  if (isAlreadyEdited(message, input.revision, text.value)) return ok(message);

  const language = deps.detector.detect(text.value) ?? member.language;
  const change = changeBy(deps, caller);
  const edited = await deps.messages.edit({
    roomId: input.roomId,
    seq: input.seq,
    revision: input.revision,
    text: text.value,
    language,
    needs: neededLanguages(audience, language, caller.userId),
    change,
  });
  if (!edited.ok) return edited;
  if (edited.value === null) return lostTo(deps, input);

  await tell(deps, caller, { message: edited.value, change, membersVersion: audience.room.membersVersion });
  return ok(edited.value);
}

/** The edit is durable: what fails here is finished by the sweep and is no failure of the edit. */
async function tell(
  deps: EditMessageDeps,
  caller: Caller,
  changed: { message: StoredMessage; change: UnloggedChange; membersVersion: number },
): Promise<void> {
  const { message } = changed;
  await finishChange(deps, changed);
  const languages = pendingLanguages(message);
  offerTranslations(deps.publisher, message, { languages, correlationId: caller.correlationId });
}

/** The same edit came before (its answer was lost), or the text is what it already was. */
function isAlreadyEdited(message: StoredMessage, revision: number, text: string): boolean {
  return message.text === text && (message.revision === revision || message.revision === revision + 1);
}

function changeBy(deps: EditMessageDeps, caller: Caller): UnloggedChange {
  return {
    changeId: deps.newChangeId(),
    kind: "edited",
    language: null,
    by: caller.userId,
    at: deps.clock.now(),
  };
}

/** The write found another revision or a deletion: say which. */
async function lostTo(deps: EditMessageDeps, input: EditMessageInput): Outcome<StoredMessage> {
  const now = await deps.messages.find(input.roomId, input.seq);
  if (!now.ok) return now;
  const isDeleted = now.value === null || now.value.deletedAt !== null;
  return fail(appError(isDeleted ? "message_deleted" : "conflict", "the message changed meanwhile"));
}
