import { appError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { RoomView } from "@ashchat/contracts/room";
import type { Announcer, Caller, Clock, Outcome, RoomStore } from "../ports";
import { getRoom, type ListRoomsDeps } from "./list-rooms";
import { requirePeople } from "./room-count";

export interface OpenDirectDeps extends ListRoomsDeps {
  rooms: Pick<RoomStore, "findMany" | "openDirect">;
  announcer: Announcer;
  clock: Clock;
}

/**
 * The one chat of two people: made at the first opening, found at every other, from whichever side and however often.
 * Errors: `room_with_oneself`, `not_found` (no such person), `rooms_full`.
 */
export async function openDirect(deps: OpenDirectDeps, caller: Caller, input: { userId: UserId }): Outcome<RoomView> {
  if (input.userId === caller.userId) return fail(appError("room_with_oneself", "a chat needs two people"));
  const exists = await requirePeople(deps.profiles, [input.userId]);
  if (!exists.ok) return exists;
  const allowed = await mayOpen(deps, caller.userId, input.userId);
  if (!allowed.ok) return allowed;

  const opened = await deps.rooms.openDirect(caller.userId, input.userId, deps.clock.now());
  if (!opened.ok) return opened;
  const { room } = opened.value;
  // At every opening, not only the first: the one who made the room may have crashed before saying so.
  deps.announcer.announce({
    kind: "members",
    roomId: room.roomId,
    membersVersion: room.membersVersion,
    added: [caller.userId, input.userId],
    removed: [],
  });
  return getRoom(deps, caller, { roomId: room.roomId });
}

/** Only a room that would be new counts against the bound of either person. */
async function mayOpen(deps: OpenDirectDeps, userId: UserId, otherId: UserId): Outcome<void> {
  const [mine, theirs] = await Promise.all([deps.memberships.listByUser(userId), deps.memberships.listByUser(otherId)]);
  if (!mine.ok) return mine;
  if (!theirs.ok) return theirs;
  if (Math.max(mine.value.length, theirs.value.length) < LIMITS.roomsPerUserMax) return ok(undefined);
  const theirIds = new Set(theirs.value.map((membership) => membership.roomId));
  const shared = mine.value.map((membership) => membership.roomId).filter((roomId) => theirIds.has(roomId));
  const rooms = await deps.rooms.findMany(shared);
  if (!rooms.ok) return rooms;
  const isOpen = rooms.value.some((room) => room.kind === "direct");
  return isOpen ? ok(undefined) : fail(appError("rooms_full", "a person is in all rooms"));
}
