import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { AudienceMember, AudienceReader, Outcome, RoomAudience } from "../ports";

/** The room and the caller in it. `not_found` for strangers: that the room exists is not theirs to know. */
export async function requireMember(
  audience: AudienceReader,
  roomId: RoomId,
  userId: UserId,
): Outcome<{ audience: RoomAudience; member: AudienceMember }> {
  const read = await audience.of(roomId);
  if (!read.ok) return read;
  const member = read.value?.members.get(userId);
  if (read.value === null || member === undefined) return fail(appError("not_found", "not a member of this room"));
  return ok({ audience: read.value, member });
}
