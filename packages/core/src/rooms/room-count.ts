import { appError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { MembershipStore, Outcome, ProfileStore } from "../ports";

/** `not_found` unless everybody has a profile. */
export async function requirePeople(
  profiles: Pick<ProfileStore, "findMany">,
  userIds: readonly UserId[],
): Outcome<void> {
  const found = await profiles.findMany(userIds);
  if (!found.ok) return found;
  return found.value.length === userIds.length ? ok(undefined) : fail(appError("not_found", "no such person"));
}

/** `rooms_full` when one of these people can be in no further room: one's resume and room list stay bounded. */
export async function requireSpace(
  memberships: Pick<MembershipStore, "listByUser">,
  userIds: readonly UserId[],
): Outcome<void> {
  for (const userId of userIds) {
    const rooms = await memberships.listByUser(userId);
    if (!rooms.ok) return rooms;
    if (rooms.value.length >= LIMITS.roomsPerUserMax) return fail(appError("rooms_full", "a person is in all rooms"));
  }
  return ok(undefined);
}
