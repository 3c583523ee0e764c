import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { ChangeId, RoomId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { CrashPoint } from "../crash";
import type { Announcer, AudienceReader, Caller, Clock, MessageStore, Outcome, UnloggedChange } from "../ports";
import { finishChange } from "./finish-change";
import { requireOwnMessage } from "./own-message";

export interface DeleteMessageDeps {
  audience: AudienceReader;
  messages: Pick<MessageStore, "find" | "delete" | "logChange" | "settle">;
  announcer: Announcer;
  clock: Clock;
  newChangeId(): ChangeId;
  crash?: CrashPoint;
}

/**
 * Removes text and translations of one's own message; its place in the order stays. Deleting what is deleted answers the
 * same. Errors: `not_found`, `forbidden`.
 */
export async function deleteMessage(
  deps: DeleteMessageDeps,
  caller: Caller,
  input: { roomId: RoomId; seq: number },
): Outcome<StoredMessage> {
  const own = await requireOwnMessage(deps, caller, input);
  if (!own.ok) return own;
  const { audience, message } = own.value;
  if (message.deletedAt !== null) return ok(message);

  const change: UnloggedChange = {
    changeId: deps.newChangeId(),
    kind: "deleted",
    language: null,
    by: caller.userId,
    at: deps.clock.now(),
  };
  const deleted = await deps.messages.delete({ roomId: input.roomId, seq: input.seq, change });
  if (!deleted.ok) return deleted;
  if (deleted.value === null) return deletedMeanwhile(deps, input);

  // Durable from here on: what fails below is finished by the sweep and is no failure of the deletion.
  const { membersVersion } = audience.room;
  await finishChange(deps, { message: deleted.value, change, membersVersion });
  return ok(deleted.value);
}

async function deletedMeanwhile(deps: DeleteMessageDeps, at: { roomId: RoomId; seq: number }): Outcome<StoredMessage> {
  const now = await deps.messages.find(at.roomId, at.seq);
  if (!now.ok) return now;
  return now.value === null ? fail(appError("not_found", "no such message")) : ok(now.value);
}
