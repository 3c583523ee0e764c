import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { RoomView } from "@ashchat/contracts/room";
import type { Caller, MembershipStore, MessageStore, Outcome, ProfileStore, RoomStore } from "../ports";
import { byRoom, peopleOf, sortByActivity, viewRoom } from "./room-view";

export interface ListRoomsDeps {
  rooms: Pick<RoomStore, "findMany">;
  memberships: Pick<MembershipStore, "listByUser" | "listByRooms">;
  profiles: Pick<ProfileStore, "findMany">;
  messages: Pick<MessageStore, "heads" | "lastOf">;
}

/** The caller's rooms with members, marks and the last message in the caller's language; last activity first. */
export async function listRooms(deps: ListRoomsDeps, caller: Caller): Outcome<RoomView[]> {
  const mine = await deps.memberships.listByUser(caller.userId);
  if (!mine.ok) return mine;
  const roomIds = mine.value.map((membership) => membership.roomId).slice(0, LIMITS.roomsPerUserMax);
  const views = await viewRooms(deps, caller, roomIds);
  return views.ok ? ok(sortByActivity(views.value)) : views;
}

/** One room of the caller. `not_found` for strangers. */
export async function getRoom(deps: ListRoomsDeps, caller: Caller, input: { roomId: RoomId }): Outcome<RoomView> {
  const views = await viewRooms(deps, caller, [input.roomId]);
  if (!views.ok) return views;
  const view = views.value[0];
  return view === undefined ? fail(appError("not_found", "not a member of this room")) : ok(view);
}

async function viewRooms(deps: ListRoomsDeps, caller: Caller, roomIds: readonly RoomId[]): Outcome<RoomView[]> {
  if (roomIds.length === 0) return ok([]);
  const [rooms, memberships, heads] = await Promise.all([
    deps.rooms.findMany(roomIds),
    deps.memberships.listByRooms(roomIds),
    deps.messages.heads(roomIds),
  ]);
  if (!rooms.ok) return rooms;
  if (!memberships.ok) return memberships;
  if (!heads.ok) return heads;
  const members = byRoom(memberships.value);
  // The last messages after the heads: a device believes that they show every change up to `changeHead`.
  const [profiles, lasts] = await Promise.all([
    deps.profiles.findMany(peopleOf(memberships.value)),
    deps.messages.lastOf(roomIds),
  ]);
  if (!profiles.ok) return profiles;
  if (!lasts.ok) return lasts;
  const people = new Map(profiles.value.map((profile) => [profile.userId, profile]));

  const views = rooms.value.map((room) =>
    viewRoom(
      {
        room,
        memberships: members.get(room.roomId) ?? [],
        profiles: people,
        head: heads.value.get(room.roomId) ?? { seq: 0, changeSeq: 0 },
        lastMessage: lasts.value.get(room.roomId) ?? null,
      },
      caller.userId,
    ),
  );
  return ok(views.filter((view) => view !== null));
}
