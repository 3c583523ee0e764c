import type { RoomView } from "@ashchat/contracts/room";

/** More rows than these are below the edge of any screen. */
export const FIRST_ROOMS_MAX = 20;
/** All members of a room are in the page: a few large groups would outweigh all the rest. */
export const FIRST_MEMBERS_MAX = 200;

/** Those of the list's rooms that come with the page: its beginning, without a gap. */
export function firstOf(rooms: readonly RoomView[]): readonly RoomView[] {
  const first: RoomView[] = [];
  let members = 0;
  for (const room of rooms.slice(0, FIRST_ROOMS_MAX)) {
    members += room.members.length;
    if (members > FIRST_MEMBERS_MAX) break;
    first.push(room);
  }
  return first;
}
