import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { newId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Result } from "@ashchat/contracts/result";
import { roomViewSchema } from "@ashchat/contracts/room";
import { describe, expect, test } from "vitest";
import type { Membership, Profile, Room } from "../ports";
import {
  ANA,
  answering,
  BEN,
  callerOf,
  clock,
  EVA,
  outcomeOf,
  recorder,
  ROOM_ID,
  storedMessage,
} from "../testing/fakes";
import { createGroup, type CreateGroupDeps } from "./create-group";
import { getRoom, listRooms, type ListRoomsDeps } from "./list-rooms";
import { addMember, leaveRoom, removeMember, renameRoom, type MembersDeps } from "./members";
import { openDirect, type OpenDirectDeps } from "./open-direct";

const HEAD = { seq: 12, changeSeq: 3 };
const NOBODY = newId("usr");

function profile(userId: UserId, name: string, language: Language): Profile {
  return { userId, tag: `${name.toLowerCase()}-4k7q`, name, about: "", language, understands: [], lastSeenAt: null };
}
const PEOPLE = [profile(ANA, "Ana", "es"), profile(BEN, "Ben", "en"), profile(EVA, "Eva", "fr")];

function membership(userId: UserId, overrides: Partial<Membership> = {}): Membership {
  return {
    roomId: ROOM_ID,
    userId,
    role: "member",
    joinedSeq: 0,
    joinedAt: 1,
    removedAt: null,
    deliveredSeq: 0,
    readSeq: 0,
    language: null,
    ...overrides,
  };
}

/** One room with these members, in memory. */
function setUp(members: Membership[], options: { kind?: Room["kind"]; roomsOfAll?: number } = {}) {
  const world = recorder();
  const room: Room = {
    roomId: ROOM_ID,
    kind: options.kind ?? "group",
    title: "Group",
    membersVersion: 1,
    createdAt: 1,
  };
  const steps: string[] = [];
  const present = () => members.filter((one) => one.removedAt === null).map((one) => ({ ...one }));
  const raise = () => {
    room.membersVersion += 1;
    return answering({ ...room });
  };
  const deps: MembersDeps & OpenDirectDeps & CreateGroupDeps = {
    announcer: world.announcer,
    clock,
    newRoomId: () => ROOM_ID,
    profiles: { findMany: (userIds) => answering(PEOPLE.filter((one) => userIds.includes(one.userId))) },
    messages: {
      heads: () => answering(new Map([[ROOM_ID, HEAD]])),
      headOf: () => answering(HEAD.seq),
      lastOf: () =>
        answering(
          new Map([
            [
              ROOM_ID,
              storedMessage({ seq: HEAD.seq, senderId: BEN, translations: { fr: { status: "pending", revision: 1 } } }),
            ],
          ]),
        ),
    },
    rooms: {
      find: () => answering({ ...room }),
      findMany: (roomIds) => answering(roomIds.includes(ROOM_ID) ? [{ ...room }] : []),
      rename: (_roomId, title) => {
        room.title = title;
        return raise();
      },
      touchMembers: () => {
        steps.push("touched");
        return raise();
      },
      openDirect: (userId, otherId) => {
        members.splice(0, members.length, membership(otherId), membership(userId));
        return answering({ room: { ...room }, created: true });
      },
      createGroup: ({ ownerId, memberIds }) => {
        members.push(...memberIds.map((userId) => membership(userId)), membership(ownerId, { role: "owner" }));
        return answering({ ...room });
      },
    },
    memberships: {
      find: (_roomId, userId) => answering(present().find((one) => one.userId === userId) ?? null),
      listByRoom: () => answering(present()),
      listByRooms: () => answering(present()),
      listByUser: () =>
        answering(
          Array.from({ length: options.roomsOfAll ?? 1 }, (_, index) =>
            membership(ANA, { roomId: index === 0 ? ROOM_ID : newId("room") }),
          ),
        ),
      add: ({ userId, joinedSeq, role }) => {
        const added = membership(userId, { joinedSeq, role });
        members.push(added);
        return answering(added);
      },
      remove: (_roomId, userId, at) => {
        const found = members.find((one) => one.userId === userId && one.removedAt === null);
        if (found !== undefined) found.removedAt = at;
        steps.push("removed");
        return answering(found ?? null);
      },
      setRole: (_roomId, userId, role) => {
        for (const one of members) if (one.userId === userId) one.role = role;
        steps.push("promoted");
        return answering(undefined);
      },
    },
  };
  return { deps, members, present, steps, room, ...world };
}

const owner = () => membership(ANA, { role: "owner" });
const atRoom = { roomId: ROOM_ID };

/** The code of the failure that must come. */
async function codeOf(outcome: Promise<Result<unknown>>): Promise<{ code: ErrorCode }> {
  const failed = await outcome;
  if (failed.ok) throw new Error("not refused");
  return { code: failed.error.code };
}

describe("who may do what in a group", () => {
  const actions = {
    add: (deps: MembersDeps, userId: UserId) => addMember(deps, callerOf(userId), { ...atRoom, userId: EVA }),
    remove: (deps: MembersDeps, userId: UserId) => removeMember(deps, callerOf(userId), { ...atRoom, userId: BEN }),
    rename: (deps: MembersDeps, userId: UserId) => renameRoom(deps, callerOf(userId), { ...atRoom, title: "New" }),
    leave: (deps: MembersDeps, userId: UserId) => leaveRoom(deps, callerOf(userId), atRoom),
  };

  test.each([
    ["add", "a member", BEN, "forbidden"],
    ["remove", "a member", BEN, "forbidden"],
    ["rename", "a member", BEN, "forbidden"],
    ["add", "a stranger", NOBODY, "not_found"],
    ["remove", "a stranger", NOBODY, "not_found"],
    ["rename", "a stranger", NOBODY, "not_found"],
    ["leave", "a stranger", NOBODY, "not_found"],
  ] as const)("%s by %s is refused and nothing changes", async (action, _who, userId, code) => {
    const { deps, present, announced, room } = setUp([owner(), membership(BEN)]);
    expect(await codeOf(actions[action](deps, userId))).toEqual({ code });
    expect([present().length, announced, room.membersVersion, room.title]).toEqual([2, [], 1, "Group"]);
  });

  test.each(["add", "remove", "rename", "leave"] as const)("%s in a direct room is forbidden", async (action) => {
    const { deps, announced } = setUp([owner(), membership(BEN)], { kind: "direct" });
    expect(await codeOf(actions[action](deps, ANA))).toEqual({ code: "forbidden" });
    expect(announced).toEqual([]);
  });
});

describe("members of a group", () => {
  test("an added one reads from the head on, and everybody is told with the new version", async () => {
    const { deps, present, announced } = setUp([owner(), membership(BEN)]);
    const view = outcomeOf(await addMember(deps, callerOf(ANA), { ...atRoom, userId: EVA }));
    expect(present().find((one) => one.userId === EVA)).toMatchObject({ joinedSeq: HEAD.seq, role: "member" });
    expect(announced).toEqual([{ kind: "members", roomId: ROOM_ID, membersVersion: 2, added: [EVA], removed: [] }]);
    expect(view).toMatchObject({ membersVersion: 2 });
  });

  test("adding a present member changes no membership but tells again: the first telling may have been lost", async () => {
    const { deps, present, announced } = setUp([owner(), membership(BEN)]);
    await addMember(deps, callerOf(ANA), { ...atRoom, userId: BEN });
    expect(present()).toHaveLength(2);
    expect(announced).toMatchObject([{ kind: "members", added: [BEN] }]);
  });

  test.each([
    ["somebody who does not exist", NOBODY, [owner()], 1, "not_found"],
    [
      "one too many",
      EVA,
      Array.from({ length: LIMITS.groupMembersMax }, (_, index) => (index === 0 ? owner() : membership(newId("usr")))),
      1,
      "group_full",
    ],
    ["somebody who is in all rooms that they can be in", EVA, [owner()], LIMITS.roomsPerUserMax, "rooms_full"],
  ])("%s cannot be added", async (_name, userId, members, roomsOfAll, code) => {
    const { deps, announced } = setUp(members, { roomsOfAll });
    expect(outcomeOf(await addMember(deps, callerOf(ANA), { ...atRoom, userId }))).toEqual({ code });
    expect(announced).toEqual([]);
  });

  test("P13: a removed one is gone before the version is raised and told, and removing again tells again", async () => {
    const { deps, present, announced, steps } = setUp([owner(), membership(BEN)]);
    await removeMember(deps, callerOf(ANA), { ...atRoom, userId: BEN });
    expect(steps).toEqual(["removed", "touched"]);
    expect(present().map((one) => one.userId)).toEqual([ANA]);
    expect(announced).toEqual([{ kind: "members", roomId: ROOM_ID, membersVersion: 2, added: [], removed: [BEN] }]);
    await removeMember(deps, callerOf(ANA), { ...atRoom, userId: BEN });
    expect(announced).toHaveLength(2);
  });

  test("an owner leaves instead of removing themselves", async () => {
    const { deps } = setUp([owner(), membership(BEN)]);
    expect(outcomeOf(await removeMember(deps, callerOf(ANA), { ...atRoom, userId: ANA }))).toEqual({
      code: "last_owner",
    });
  });

  test("when the only owner leaves, the longest-standing member is made owner first", async () => {
    const { deps, present, steps, announced } = setUp([owner(), membership(BEN), membership(EVA)]);
    expect((await leaveRoom(deps, callerOf(ANA), atRoom)).ok).toBe(true);
    expect(present().map(({ userId, role }) => [userId, role])).toEqual([
      [BEN, "owner"],
      [EVA, "member"],
    ]);
    expect(steps).toEqual(["promoted", "removed", "touched"]);
    expect(announced).toMatchObject([{ removed: [ANA] }]);
  });

  test.each([
    ["a member leaves", BEN, [owner(), membership(BEN)]],
    ["one of two owners leaves", ANA, [owner(), membership(BEN, { role: "owner" })]],
    ["the last one leaves", ANA, [owner()]],
  ])("%s: nobody is promoted", async (_name, userId, members) => {
    const { deps, steps } = setUp(members);
    expect((await leaveRoom(deps, callerOf(userId), atRoom)).ok).toBe(true);
    expect(steps).toEqual(["removed", "touched"]);
  });

  test("a new title is told with the new version", async () => {
    const { deps, announced } = setUp([owner()]);
    expect(outcomeOf(await renameRoom(deps, callerOf(ANA), { ...atRoom, title: "New" }))).toMatchObject({
      title: "New",
      membersVersion: 2,
    });
    expect(announced).toEqual([{ kind: "members", roomId: ROOM_ID, membersVersion: 2, added: [], removed: [] }]);
  });
});

describe("new rooms", () => {
  test("a direct room is told to both at every opening", async () => {
    const { deps, announced } = setUp([], { kind: "direct" });
    const view = outcomeOf(await openDirect(deps, callerOf(ANA), { userId: BEN }));
    expect(view).toMatchObject({ roomId: ROOM_ID, kind: "direct" });
    expect(announced).toMatchObject([{ kind: "members", added: [ANA, BEN], removed: [] }]);
  });

  test.each([
    ["with oneself", ANA, 1, "group", "room_with_oneself"],
    ["with nobody", NOBODY, 1, "group", "not_found"],
    ["with one room too many", BEN, LIMITS.roomsPerUserMax, "group", "rooms_full"],
  ] as const)("a chat %s is refused", async (_name, userId, roomsOfAll, kind, code) => {
    const { deps, announced } = setUp([], { roomsOfAll, kind });
    expect(outcomeOf(await openDirect(deps, callerOf(ANA), { userId }))).toEqual({ code });
    expect(announced).toEqual([]);
  });

  test("who can have no further room still opens the chats that they have", async () => {
    const { deps } = setUp([], { roomsOfAll: LIMITS.roomsPerUserMax, kind: "direct" });
    expect(outcomeOf(await openDirect(deps, callerOf(ANA), { userId: BEN }))).toMatchObject({ roomId: ROOM_ID });
  });

  test("a group has its maker as owner and everybody once", async () => {
    const { deps, present, announced } = setUp([]);
    await createGroup(deps, callerOf(ANA), { title: "Group", userIds: [BEN, EVA, BEN, ANA] });
    expect(present().map(({ userId, role }) => [userId, role])).toEqual([
      [BEN, "member"],
      [EVA, "member"],
      [ANA, "owner"],
    ]);
    expect(announced).toMatchObject([{ kind: "members", added: [ANA, BEN, EVA], removed: [] }]);
  });

  test.each([
    ["with somebody who does not exist", [BEN, NOBODY], 1, "not_found"],
    ["that is too large", Array.from({ length: LIMITS.groupMembersMax }, () => newId("usr")), 1, "group_full"],
    ["for somebody in all rooms that they can be in", [BEN], LIMITS.roomsPerUserMax, "rooms_full"],
  ])("a group %s is not made", async (_name, userIds, roomsOfAll, code) => {
    const { deps, present } = setUp([], { roomsOfAll });
    expect(outcomeOf(await createGroup(deps, callerOf(ANA), { title: "Group", userIds }))).toEqual({ code });
    expect(present()).toEqual([]);
  });
});

describe("a room as its member sees it", () => {
  test.each([
    ["unread are the messages after one's mark", EVA, { readSeq: 5, deliveredSeq: 6 }, { readSeq: 5, deliveredSeq: 6 }],
    [
      "one's own last message is read",
      BEN,
      { readSeq: 5, deliveredSeq: 5 },
      { readSeq: HEAD.seq, deliveredSeq: HEAD.seq },
    ],
    [
      "nothing from before one's joining is unread",
      EVA,
      { joinedSeq: 9 },
      { readSeq: 9, deliveredSeq: 9, joinedSeq: 9 },
    ],
  ])("%s", async (_name, userId, marks, expected) => {
    const { deps } = setUp([owner(), membership(userId, marks)]);
    const view = outcomeOf(await getRoom(deps, callerOf(userId), atRoom));
    expect(view).toMatchObject({ head: HEAD.seq, changeHead: HEAD.changeSeq, ...expected });
    expect(roomViewSchema.parse(view)).toEqual(view);
  });

  test("the last message is in the reader's language, and absent when it is from before their joining", async () => {
    const { deps } = setUp([owner(), membership(EVA)]);
    const eva = outcomeOf(await getRoom(deps, callerOf(EVA), atRoom));
    expect(eva).toMatchObject({ lastMessage: { text: "hola", translation: { language: "fr", status: "pending" } } });
    const [ana] = [outcomeOf(await listRooms(deps, callerOf(ANA)))].flat();
    expect(ana).toMatchObject({ lastMessage: { translation: null } });
    const late = setUp([owner(), membership(EVA, { joinedSeq: HEAD.seq })]);
    expect(outcomeOf(await getRoom(late.deps, callerOf(EVA), atRoom))).toMatchObject({ lastMessage: null });
  });

  test("P15: the last message shows every change up to the change head, also one that comes while the list is read", async () => {
    const { deps } = setUp([owner(), membership(EVA)]);
    const done = { status: "done", revision: 1, text: "salut", engine: "test", at: 1 } as const;
    let translations: StoredMessage["translations"] = {};
    const messages: ListRoomsDeps["messages"] = {
      async heads() {
        await Promise.resolve();
        translations = { fr: done };
        return answering(new Map([[ROOM_ID, HEAD]]));
      },
      lastOf: () => answering(new Map([[ROOM_ID, storedMessage({ seq: HEAD.seq, senderId: BEN, translations })]])),
    };
    const view = outcomeOf(await getRoom({ ...deps, messages }, callerOf(EVA), atRoom));
    expect(view).toMatchObject({
      changeHead: HEAD.changeSeq,
      lastMessage: { translation: { status: "done", text: "salut" } },
    });
  });

  test("a language of one's own for this room counts before the profile's", async () => {
    const { deps } = setUp([owner(), membership(BEN, { language: "fr" })]);
    const view = outcomeOf(await getRoom(deps, callerOf(BEN), atRoom));
    expect(view).toMatchObject({
      lastMessage: { translation: { language: "fr" } },
      members: [{ language: "es" }, { userId: BEN, language: "fr" }],
    });
  });

  test("a stranger gets not_found, and no room in their list", async () => {
    const { deps } = setUp([owner()]);
    expect(outcomeOf(await getRoom(deps, callerOf(NOBODY), atRoom))).toEqual({ code: "not_found" });
    expect(outcomeOf(await listRooms(deps, callerOf(NOBODY)))).toEqual([]);
  });
});
