import type { History } from "@ashchat/contracts/api";
import type { UserId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import { createRoomStore } from "./room-store";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock } from "./testing/fake-clock";

const NO_HISTORY: History = { messages: [], cursor: { seq: 0, changeSeq: 0 }, hasOlder: false, hasNewer: false };

/** A room's answer is read at once and arrives when it is let through. */
function setUp() {
  const server = new ChatServer();
  const [ana, ben] = server.people;
  const changes = { count: 0 };
  const onTheirWay: (() => void)[] = [];
  const rooms = createRoomStore({
    me: ana,
    api: {
      history: async () => ok(NO_HISTORY),
      room: async () => {
        const room = server.room(ana);
        await new Promise<void>((resolve) => onTheirWay.push(resolve));
        return ok({ room, presence: [] });
      },
    },
    clock: createFakeClock(),
    resume: () => undefined,
    onChange: () => void (changes.count += 1),
    onPresence: () => undefined,
  });
  rooms.takeRoom(server.room(ana));
  const rename = (userId: UserId, name: string) => {
    server.names[userId === ana ? 0 : 1] = name;
    rooms.hearProfile({ t: "profile", profile: server.me(userId).profile });
  };
  const nameOf = (userId: UserId) =>
    rooms
      .states()
      .get(server.roomId)
      ?.members.find((member) => member.userId === userId)?.name;
  const arrive = async () => {
    onTheirWay.shift()?.();
    await atRest();
  };
  return { server, rooms, changes, ben, rename, nameOf, arrive };
}

it("P15: a name that is announced while a room is asked for is not undone by the answer that was read before", async () => {
  const { server, rooms, ben, rename, nameOf, arrive } = setUp();
  void rooms.refetch(server.roomId);
  rename(ben, "Benno");
  rename(ben, "Benjamin");
  void rooms.refetch(server.roomId);
  await arrive();
  expect(nameOf(ben)).toBe("Benjamin");
  await arrive();
  expect(nameOf(ben)).toBe("Benjamin");
  // What an answer says that nobody announced since it was asked for counts.
  server.names[1] = "Ben";
  void rooms.refetch(server.roomId);
  await arrive();
  expect(nameOf(ben)).toBe("Ben");
});

it("P15: a room that its person was removed from while it was asked for does not come back with the answer", async () => {
  const { server, rooms, arrive } = setUp();
  const { roomId } = server;
  void rooms.refetch(roomId);
  rooms.hear({ t: "room", roomId, event: "removed", membersVersion: 2 });
  await arrive();
  expect(rooms.states().has(roomId)).toBe(false);
  rooms.hear({ t: "room", roomId, event: "added", membersVersion: 3 });
  await arrive();
  expect(rooms.states().has(roomId)).toBe(true);
});

it("the marks of several members in one frame are one change of the room", () => {
  const { server, rooms, changes } = setUp();
  const { roomId } = server;
  const marks = server.people.map((userId) => ({ userId, deliveredSeq: 2, readSeq: 1 }));
  changes.count = 0;
  rooms.hear({ t: "receipts", roomId, marks });
  rooms.hear({ t: "receipts", roomId, marks });
  expect(changes.count).toBe(1);
  expect(rooms.states().get(roomId)?.members).toMatchObject(marks);
});
