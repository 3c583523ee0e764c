import type { RoomView } from "@ashchat/contracts/room";
import { expect, it } from "vitest";
import { ChatServer } from "../realtime/testing/chat-server";
import { FIRST_MEMBERS_MAX, FIRST_ROOMS_MAX, firstOf } from "./first-rooms";

const server = new ChatServer();

function roomOf(members: number): RoomView {
  const room = server.room(server.people[0]);
  const [member] = room.members;
  if (member === undefined) throw new Error("a room has members");
  return { ...room, members: Array.from({ length: members }, () => member) };
}

it("no more rooms come with the page than a screen shows", () => {
  const rooms = Array.from({ length: FIRST_ROOMS_MAX + 5 }, () => roomOf(2));
  expect(firstOf(rooms)).toEqual(rooms.slice(0, FIRST_ROOMS_MAX));
});

it("the list ends before the room with which there would be too many members, without a gap", () => {
  const rooms = [roomOf(FIRST_MEMBERS_MAX - 3), roomOf(3), roomOf(1), roomOf(2)];
  expect(firstOf(rooms)).toEqual(rooms.slice(0, 2));
  expect(firstOf([roomOf(FIRST_MEMBERS_MAX + 1), roomOf(2)])).toEqual([]);
});
