import { appError } from "@ashchat/contracts/errors";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { Membership, Profile, Room } from "@ashchat/core/ports";
import { describe, expect, it } from "vitest";
import { createAudienceLoader } from "./audience-loader";
import { failTest, someone, someRoom } from "./testing/factories";

function setUp(roomCount: number) {
  const roomIds: RoomId[] = Array.from({ length: roomCount }, () => someRoom());
  const userId = someone();
  const membership = {
    userId,
    role: "owner",
    joinedSeq: 4,
    joinedAt: 0,
    removedAt: null,
    deliveredSeq: 0,
    readSeq: 0,
  } as const;
  const memberships: Membership[] = roomIds.map((roomId, index) => ({
    ...membership,
    roomId,
    language: index === 0 ? "fr" : null,
  }));
  const rooms: Room[] = roomIds.map((roomId) => ({
    roomId,
    kind: "group",
    title: null,
    membersVersion: 3,
    createdAt: 0,
  }));
  const profile: Profile = {
    userId,
    tag: "ana-0000",
    name: "Ana",
    about: "",
    language: "es",
    understands: ["pt"],
    lastSeenAt: null,
  };
  const state = { reads: 0, isDown: false };
  const loader = createAudienceLoader(
    {
      rooms: {
        findMany: async (ids) => {
          state.reads += 1;
          return state.isDown
            ? fail(appError("unavailable", "down"))
            : ok(rooms.filter(({ roomId }) => ids.includes(roomId)));
        },
      },
      memberships: { listByRooms: async (ids) => ok(memberships.filter(({ roomId }) => ids.includes(roomId))) },
      profiles: { findMany: async () => ok([profile]) },
    },
    failTest,
  );
  return { loader, roomIds, userId, state };
}

describe("audience loader", () => {
  it("reads all rooms that are asked for in one turn together, each once", async () => {
    const { loader, roomIds, state } = setUp(100);
    const loaded = await Promise.all([...roomIds, ...roomIds].map((roomId) => loader.load(roomId)));
    expect(loaded.every((result) => result.ok && result.value !== null)).toBe(true);
    expect(state.reads).toBe(1);
  });

  it("a language chosen for the room beats the profile's", async () => {
    const { loader, roomIds, userId } = setUp(2);
    const [own, other] = await Promise.all(roomIds.map((roomId) => loader.load(roomId)));
    const memberIn = (result: typeof own) => (result?.ok === true ? result.value?.members.get(userId) : null);
    expect(memberIn(own)).toMatchObject({ language: "fr", isLanguageOwn: true, joinedSeq: 4, understands: ["pt"] });
    expect(memberIn(other)).toMatchObject({ language: "es", isLanguageOwn: false });
  });

  it("an unknown room is null, and a database that is away an error for everybody who asked", async () => {
    const { loader, roomIds, state } = setUp(2);
    expect(await loader.load(newId("room"))).toEqual(ok(null));
    state.isDown = true;
    const answers = await Promise.all(roomIds.map((roomId) => loader.load(roomId)));
    expect(answers.map((answer) => !answer.ok && answer.error.code)).toEqual(["unavailable", "unavailable"]);
  });
});
