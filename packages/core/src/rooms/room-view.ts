import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Cursor } from "@ashchat/contracts/message";
import type { MemberView, RoomView } from "@ashchat/contracts/room";
import { viewMessage } from "../message-view";
import type { Membership, Profile, Room } from "../ports";

export interface RoomParts {
  room: Room;
  /** Present members, sorted by joining. */
  memberships: readonly Membership[];
  profiles: ReadonlyMap<UserId, Profile>;
  head: Cursor;
  lastMessage: StoredMessage | null;
}

/** The room as `readerId` sees it; null when they are no member or have no profile yet. */
export function viewRoom(parts: RoomParts, readerId: UserId): RoomView | null {
  const mine = parts.memberships.find((membership) => membership.userId === readerId);
  const profile = parts.profiles.get(readerId);
  if (mine === undefined || profile === undefined) return null;
  const last = parts.lastMessage !== null && parts.lastMessage.seq > mine.joinedSeq ? parts.lastMessage : null;
  const readSeq = readUpTo(mine, last);
  const { roomId, kind, title, membersVersion, createdAt } = parts.room;
  return {
    roomId,
    kind,
    title,
    membersVersion,
    members: parts.memberships.flatMap((membership) => viewMember(membership, parts.profiles)),
    head: parts.head.seq,
    changeHead: parts.head.changeSeq,
    joinedSeq: mine.joinedSeq,
    deliveredSeq: Math.max(mine.deliveredSeq, readSeq),
    readSeq,
    lastMessage: last === null ? null : viewMessage(last, mine.language ?? profile.language),
    createdAt,
  };
}

/** Last activity first. */
export function sortByActivity(rooms: readonly RoomView[]): RoomView[] {
  return rooms.toSorted((a, b) => activityOf(b) - activityOf(a));
}

function activityOf(room: RoomView): number {
  return room.lastMessage?.sentAt ?? room.createdAt;
}

/** Who has written the last message has read the room up to it. Nothing from before the joining is unread. */
function readUpTo(mine: Membership, last: StoredMessage | null): number {
  const ownSeq = last?.senderId === mine.userId ? last.seq : 0;
  return Math.max(mine.readSeq, mine.joinedSeq, ownSeq);
}

function viewMember(membership: Membership, profiles: ReadonlyMap<UserId, Profile>): MemberView[] {
  const profile = profiles.get(membership.userId);
  if (profile === undefined) return [];
  return [
    {
      userId: membership.userId,
      role: membership.role,
      name: profile.name,
      tag: profile.tag,
      language: membership.language ?? profile.language,
      joinedSeq: membership.joinedSeq,
      deliveredSeq: membership.deliveredSeq,
      readSeq: membership.readSeq,
    },
  ];
}

/** The different people of these memberships. */
export function peopleOf(memberships: readonly Membership[]): UserId[] {
  return [...new Set(memberships.map((membership) => membership.userId))];
}

export function byRoom(memberships: readonly Membership[]): Map<RoomId, Membership[]> {
  const rooms = new Map<RoomId, Membership[]>();
  for (const membership of memberships) {
    const members = rooms.get(membership.roomId);
    if (members === undefined) rooms.set(membership.roomId, [membership]);
    else members.push(membership);
  }
  return rooms;
}
