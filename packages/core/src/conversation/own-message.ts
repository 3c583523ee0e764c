import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { AudienceMember, AudienceReader, Caller, MessageStore, Outcome, RoomAudience } from "../ports";
import { requireMember } from "./membership";

/** One's own message in a room that one is in. `not_found` for what one may not see, `forbidden` for another's. */
export async function requireOwnMessage(
  deps: { audience: AudienceReader; messages: Pick<MessageStore, "find"> },
  caller: Caller,
  at: { roomId: RoomId; seq: number },
): Outcome<{ audience: RoomAudience; member: AudienceMember; message: StoredMessage }> {
  const found = await requireMember(deps.audience, at.roomId, caller.userId);
  if (!found.ok) return found;
  if (at.seq <= found.value.member.joinedSeq) return fail(appError("not_found", "from before this member joined"));
  const message = await deps.messages.find(at.roomId, at.seq);
  if (!message.ok) return message;
  if (message.value === null) return fail(appError("not_found", "no such message"));
  if (message.value.senderId !== caller.userId) return fail(appError("forbidden", "another member's message"));
  return ok({ ...found.value, message: message.value });
}
