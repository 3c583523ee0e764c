import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail } from "@ashchat/contracts/result";
import type { RoomView } from "@ashchat/contracts/room";
import type { Announcer, Caller, Clock, Outcome, RoomStore } from "../ports";
import { getRoom, type ListRoomsDeps } from "./list-rooms";
import { requirePeople, requireSpace } from "./room-count";

export interface CreateGroupDeps extends ListRoomsDeps {
  rooms: Pick<RoomStore, "findMany" | "createGroup">;
  announcer: Announcer;
  clock: Clock;
  newRoomId(): RoomId;
}

/** A group with the caller as its owner. Errors: `group_full`, `rooms_full`, `not_found` (a person who does not exist). */
export async function createGroup(
  deps: CreateGroupDeps,
  caller: Caller,
  input: { title: string; userIds: readonly UserId[] },
): Outcome<RoomView> {
  const memberIds = [...new Set(input.userIds)].filter((userId) => userId !== caller.userId);
  const everybody = [caller.userId, ...memberIds];
  if (everybody.length > LIMITS.groupMembersMax) return fail(appError("group_full", "too many members"));
  const exist = await requirePeople(deps.profiles, everybody);
  if (!exist.ok) return exist;
  const space = await requireSpace(deps.memberships, everybody);
  if (!space.ok) return space;

  const created = await deps.rooms.createGroup({
    roomId: deps.newRoomId(),
    title: input.title,
    ownerId: caller.userId,
    memberIds,
    now: deps.clock.now(),
  });
  if (!created.ok) return created;
  const { roomId, membersVersion } = created.value;
  deps.announcer.announce({ kind: "members", roomId, membersVersion, added: everybody, removed: [] });
  return getRoom(deps, caller, { roomId });
}
