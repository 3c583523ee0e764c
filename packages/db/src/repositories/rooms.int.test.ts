import { newId } from "@ashchat/contracts/ids";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeGroup, makePerson, must, testDatabase, type TestDatabase } from "../testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe("direct rooms", () => {
  test("opened from both sides at once, many times and in two processes, two people have one room", async () => {
    const other = await database.connectAgain();
    for (let round = 0; round < 5; round += 1) {
      const [ana, ben] = [newId("usr"), newId("usr")];
      const opened = await Promise.all(
        Array.from({ length: 8 }, (_, index) => {
          const { rooms } = (index % 2 === 0 ? database : other).stores;
          return index % 4 < 2 ? rooms.openDirect(ana, ben, 5) : rooms.openDirect(ben, ana, 5);
        }),
      );
      const rooms = opened.map((outcome) => must(outcome));
      expect(new Set(rooms.map(({ room }) => room.roomId)).size).toBe(1);
      expect(rooms.filter(({ created }) => created)).toHaveLength(1);
      const roomId = rooms[0]?.room.roomId ?? newId("room");
      const members = must(await database.stores.memberships.listByRoom(roomId));
      expect(members.map((member) => member.userId).toSorted()).toEqual([ana, ben].toSorted());
    }
  });

  test("a half-opened room is completed by the next opening, from either side", async () => {
    const { rooms, memberships } = database.stores;
    const [ana, ben] = [newId("usr"), newId("usr")];
    const { room } = must(await rooms.openDirect(ana, ben, 5));
    await database.raw.collection("memberships").deleteOne({ roomId: room.roomId, userId: ana });
    must(await rooms.openDirect(ben, ana, 6));
    expect(must(await memberships.listByRoom(room.roomId))).toHaveLength(2);
  });

  test("opening again leaves marks and members as they are", async () => {
    const { rooms, memberships } = database.stores;
    const [ana, ben] = [newId("usr"), newId("usr")];
    const { room } = must(await rooms.openDirect(ana, ben, 5));
    must(await memberships.mark(room.roomId, ana, { readSeq: 7, deliveredSeq: 9 }));
    const before = must(await memberships.listByRoom(room.roomId));
    const again = must(await rooms.openDirect(ben, ana, 99));
    expect(again).toEqual({ room, created: false });
    expect(must(await memberships.listByRoom(room.roomId))).toEqual(before);
  });
});

describe("groups", () => {
  test("have their owner and members; every change raises the version", async () => {
    const { rooms, memberships } = database.stores;
    const { room, ownerId, memberIds } = await makeGroup(database.stores);
    const members = must(await memberships.listByRoom(room.roomId));
    expect(members.find((member) => member.role === "owner")?.userId).toBe(ownerId);
    expect(members.map((member) => member.userId).toSorted()).toEqual([ownerId, ...memberIds].toSorted());
    expect(must(await rooms.touchMembers(room.roomId))?.membersVersion).toBe(2);
    expect(must(await rooms.rename(room.roomId, "New"))).toEqual({ ...room, title: "New", membersVersion: 3 });
    expect(must(await rooms.find(room.roomId))).toEqual({ ...room, title: "New", membersVersion: 3 });
    expect(must(await rooms.touchMembers(newId("room")))).toBeNull();
    expect(must(await rooms.findMany([room.roomId, newId("room")]))).toHaveLength(1);
  });

  test("the audience is who is in the room and what they read there", async () => {
    const ana = await makePerson(database.stores, { language: "es", understands: ["pt"] });
    const ben = await makePerson(database.stores, { language: "en" });
    const { room } = await makeGroup(database.stores, [ana.userId, ben.userId]);
    await database.raw
      .collection("memberships")
      .updateOne({ roomId: room.roomId, userId: ben.userId }, { $set: { language: "fr" } });
    const audience = must(await database.audience.of(room.roomId));
    expect(audience?.room).toEqual(room);
    expect(audience?.members).toEqual(
      new Map([
        [ana.userId, { userId: ana.userId, role: "owner", joinedSeq: 0, language: "es", understands: ["pt"] }],
        [ben.userId, { userId: ben.userId, role: "member", joinedSeq: 0, language: "fr", understands: [] }],
      ]),
    );
    expect(must(await database.audience.of(newId("room")))).toBeNull();
  });
});

describe("members", () => {
  test("added at once by two callers is one membership; a present member is left as they are", async () => {
    const { memberships } = database.stores;
    const { room } = await makeGroup(database.stores);
    const member = { roomId: room.roomId, userId: newId("usr"), role: "member", joinedSeq: 4, now: 10 } as const;
    const added = await Promise.all([memberships.add(member), memberships.add(member), memberships.add(member)]);
    for (const outcome of added)
      expect(must(outcome)).toMatchObject({ joinedSeq: 4, deliveredSeq: 4, readSeq: 4, removedAt: null });
    expect(must(await memberships.add({ ...member, joinedSeq: 9, now: 20 }))).toMatchObject({
      joinedSeq: 4,
      joinedAt: 10,
    });
    expect(must(await memberships.listByRoom(room.roomId))).toHaveLength(3);
  });

  test("a removed one is no member anywhere, is found by those who ask since when, and comes back reading from then on", async () => {
    const { memberships } = database.stores;
    const { room, memberIds } = await makeGroup(database.stores);
    const userId = memberIds[0] ?? newId("usr");
    expect(must(await memberships.remove(room.roomId, userId, 500))?.removedAt).toBe(500);
    expect(must(await memberships.remove(room.roomId, userId, 600))).toBeNull();
    expect(must(await memberships.find(room.roomId, userId))).toBeNull();
    expect(must(await memberships.listByUser(userId))).toEqual([]);
    expect(must(await memberships.mark(room.roomId, userId, { readSeq: 1 }))).toBeNull();
    expect(must(await memberships.removedSince(499)).map((member) => member.userId)).toEqual([userId]);
    expect(must(await memberships.removedSince(500))).toEqual([]);

    const back = must(await memberships.add({ roomId: room.roomId, userId, role: "member", joinedSeq: 12, now: 700 }));
    expect(back).toMatchObject({ joinedSeq: 12, readSeq: 12, deliveredSeq: 12, removedAt: null, joinedAt: 700 });
    expect(must(await memberships.listByUser(userId))).toEqual([back]);
  });

  test("roles change for present members", async () => {
    const { memberships } = database.stores;
    const { room, memberIds } = await makeGroup(database.stores);
    const userId = memberIds[0] ?? newId("usr");
    must(await memberships.setRole(room.roomId, userId, "owner"));
    expect(must(await memberships.find(room.roomId, userId))?.role).toBe("owner");
  });

  test("P9: marks only grow, whatever order they arrive in", async () => {
    const { memberships } = database.stores;
    const { room, ownerId } = await makeGroup(database.stores);
    const marks = [
      { deliveredSeq: 5 },
      { readSeq: 3 },
      { deliveredSeq: 2, readSeq: 1 },
      { deliveredSeq: 8, readSeq: 2 },
      {},
    ];
    await Promise.all(marks.map((mark) => memberships.mark(room.roomId, ownerId, mark)));
    expect(must(await memberships.mark(room.roomId, ownerId, {}))).toEqual({ deliveredSeq: 8, readSeq: 3 });
  });

  test("members of many rooms come in one answer, each room sorted by joining", async () => {
    const { memberships } = database.stores;
    const first = await makeGroup(database.stores);
    const second = await makeGroup(database.stores);
    must(
      await memberships.add({ roomId: first.room.roomId, userId: newId("usr"), role: "member", joinedSeq: 0, now: 99 }),
    );
    const all = must(await memberships.listByRooms([first.room.roomId, second.room.roomId]));
    expect(all).toHaveLength(5);
    const joined = all.filter((member) => member.roomId === first.room.roomId).map((member) => member.joinedAt);
    expect(joined).toEqual([1, 1, 99]);
  });
});
