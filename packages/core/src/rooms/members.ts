import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { RoomView } from "@ashchat/contracts/room";
import type {
  Announcer,
  Caller,
  Clock,
  Membership,
  MembershipStore,
  MessageStore,
  Outcome,
  Room,
  RoomStore,
} from "../ports";
import { getRoom, type ListRoomsDeps } from "./list-rooms";
import { requirePeople, requireSpace } from "./room-count";

/**
 * Who is in a group. The owner adds, removes and renames; everybody may leave. Each step is: write the membership, raise the
 * room's version, announce. All of it may be repeated, so a call that crashed half-way is finished by the next.
 */
export interface MembersDeps extends ListRoomsDeps {
  rooms: Pick<RoomStore, "find" | "findMany" | "rename" | "touchMembers">;
  memberships: Pick<
    MembershipStore,
    "find" | "listByRoom" | "listByRooms" | "listByUser" | "add" | "remove" | "setRole"
  >;
  messages: Pick<MessageStore, "heads" | "headOf" | "lastOf">;
  announcer: Announcer;
  clock: Clock;
}

/** The new member reads from here on. Errors: `not_found`, `forbidden`, `group_full`, `rooms_full`. */
export async function addMember(
  deps: MembersDeps,
  caller: Caller,
  input: { roomId: RoomId; userId: UserId },
): Outcome<RoomView> {
  const { roomId, userId } = input;
  const owned = await requireOwner(deps, caller, roomId);
  if (!owned.ok) return owned;
  const members = await deps.memberships.listByRoom(roomId);
  if (!members.ok) return members;
  if (!members.value.some((member) => member.userId === userId)) {
    const added = await addNew(deps, input, members.value.length);
    if (!added.ok) return added;
  }
  const told = await tellMembers(deps, roomId, { added: [userId], removed: [] });
  return told.ok ? getRoom(deps, caller, { roomId }) : told;
}

/** The removed receive nothing that is sent later. Removing who is not there is no error. */
export async function removeMember(
  deps: MembersDeps,
  caller: Caller,
  input: { roomId: RoomId; userId: UserId },
): Outcome<RoomView> {
  const { roomId, userId } = input;
  const owned = await requireOwner(deps, caller, roomId);
  if (!owned.ok) return owned;
  if (userId === caller.userId) return fail(appError("last_owner", "an owner leaves instead of removing themselves"));
  const removed = await deps.memberships.remove(roomId, userId, deps.clock.now());
  if (!removed.ok) return removed;
  const told = await tellMembers(deps, roomId, { added: [], removed: [userId] });
  return told.ok ? getRoom(deps, caller, { roomId }) : told;
}

/** When the only owner leaves, the group passes to the member who has been there longest. */
export async function leaveRoom(deps: MembersDeps, caller: Caller, input: { roomId: RoomId }): Outcome<void> {
  const { roomId } = input;
  const group = await requireGroup(deps, caller, roomId);
  if (!group.ok) return group;
  const members = await deps.memberships.listByRoom(roomId);
  if (!members.ok) return members;
  const heir = heirOf(members.value, caller.userId);
  if (heir !== null) {
    // First, so that a crash leaves two owners rather than none.
    const promoted = await deps.memberships.setRole(roomId, heir.userId, "owner");
    if (!promoted.ok) return promoted;
  }
  const removed = await deps.memberships.remove(roomId, caller.userId, deps.clock.now());
  if (!removed.ok) return removed;
  return tellMembers(deps, roomId, { added: [], removed: [caller.userId] });
}

export async function renameRoom(
  deps: MembersDeps,
  caller: Caller,
  input: { roomId: RoomId; title: string },
): Outcome<RoomView> {
  const owned = await requireOwner(deps, caller, input.roomId);
  if (!owned.ok) return owned;
  const renamed = await deps.rooms.rename(input.roomId, input.title);
  if (!renamed.ok) return renamed;
  if (renamed.value === null) return fail(appError("not_found", "no such room"));
  const { roomId, membersVersion } = renamed.value;
  deps.announcer.announce({ kind: "members", roomId, membersVersion, added: [], removed: [] });
  return getRoom(deps, caller, { roomId });
}

async function addNew(
  deps: MembersDeps,
  input: { roomId: RoomId; userId: UserId },
  present: number,
): Outcome<Membership> {
  const { roomId, userId } = input;
  if (present >= LIMITS.groupMembersMax) return fail(appError("group_full", "the group is full"));
  const exists = await requirePeople(deps.profiles, [userId]);
  if (!exists.ok) return exists;
  const space = await requireSpace(deps.memberships, [userId]);
  if (!space.ok) return space;
  const head = await deps.messages.headOf(roomId);
  if (!head.ok) return head;
  return deps.memberships.add({ roomId, userId, role: "member", joinedSeq: head.value, now: deps.clock.now() });
}

/** Raised after the member list was written: whoever reads the list at the new version reads the new list. */
async function tellMembers(
  deps: MembersDeps,
  roomId: RoomId,
  who: { added: UserId[]; removed: UserId[] },
): Outcome<void> {
  const room = await deps.rooms.touchMembers(roomId);
  if (!room.ok) return room;
  if (room.value === null) return fail(appError("not_found", "no such room"));
  const { membersVersion } = room.value;
  deps.announcer.announce({ kind: "members", roomId, membersVersion, ...who });
  return ok(undefined);
}

/** `not_found` for strangers, `forbidden` in a direct room. */
async function requireGroup(
  deps: MembersDeps,
  caller: Caller,
  roomId: RoomId,
): Outcome<{ room: Room; mine: Membership }> {
  const mine = await deps.memberships.find(roomId, caller.userId);
  if (!mine.ok) return mine;
  const room = await deps.rooms.find(roomId);
  if (!room.ok) return room;
  if (mine.value === null || room.value === null) return fail(appError("not_found", "not a member of this room"));
  if (room.value.kind !== "group") return fail(appError("forbidden", "a direct room keeps its two members"));
  return ok({ room: room.value, mine: mine.value });
}

async function requireOwner(deps: MembersDeps, caller: Caller, roomId: RoomId): Outcome<void> {
  const group = await requireGroup(deps, caller, roomId);
  if (!group.ok) return group;
  return group.value.mine.role === "owner" ? ok(undefined) : fail(appError("forbidden", "only an owner may do this"));
}

function heirOf(members: readonly Membership[], leavingId: UserId): Membership | null {
  const others = members.filter((member) => member.userId !== leavingId);
  if (others.some((member) => member.role === "owner")) return null;
  return others[0] ?? null;
}
