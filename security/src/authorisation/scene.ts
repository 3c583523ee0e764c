import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import { makeGroup, must, newMessage } from "@ashchat/db/testing";
import type { OpenHouse, Person } from "../house/open-house";

/** Who asks, seen from a group. */
export const ROLES = ["anonymous", "revoked", "stranger", "removed", "member", "owner"] as const;
export type Role = (typeof ROLES)[number];
/** Whoever is outside changes nothing, so all of them may look at the same scene. */
export const OUTSIDE: readonly Role[] = ["anonymous", "revoked", "stranger", "removed"];

/** A group with one message of its owner, and one person of each role. */
export interface Scene {
  readonly groupId: RoomId;
  /** Of owner and member. */
  readonly directId: RoomId;
  readonly people: Readonly<Record<Exclude<Role, "anonymous">, Person>>;
  /** A session of this cell alone, since some procedures end it. */
  cookieOf(role: Role): Promise<string | undefined>;
  /** Everything that the house keeps of the two rooms and their people, to compare. */
  snapshot(): Promise<unknown>;
}

export const SECRET = "nobody else reads this";

export async function makeScene(house: OpenHouse): Promise<Scene> {
  const { stores } = house;
  const [owner, member, removed, stranger] = await Promise.all([
    house.person(),
    house.person(),
    house.person(),
    house.person(),
  ]);
  const { room } = await makeGroup(stores, [owner.userId, member.userId, removed.userId]);
  const { roomId: groupId } = room;
  const directId = await house.direct(owner.userId, member.userId);
  for (const roomId of [groupId, directId]) {
    must(
      await stores.writer.append(newMessage({ roomId, senderId: owner.userId, text: SECRET, clientId: newClientId() })),
    );
  }
  must(await stores.memberships.remove(groupId, removed.userId, Date.now()));
  const revoked = await house.session(member.userId);
  must(await stores.sessions.revoke(revoked.userId, revoked.sessionId, Date.now()));
  const people = { owner, member, removed, stranger, revoked };
  return {
    groupId,
    directId,
    people,
    async cookieOf(role) {
      if (role === "anonymous") return undefined;
      return role === "revoked" ? revoked.cookie : (await house.session(people[role].userId)).cookie;
    },
    snapshot: async () => ({
      rooms: must(await stores.rooms.findMany([groupId, directId])),
      members: must(await stores.memberships.listByRooms([groupId, directId])),
      messages: await Promise.all(
        [groupId, directId].map(async (roomId) => must(await stores.messages.find(roomId, 1))),
      ),
      more: await Promise.all([groupId, directId].map(async (roomId) => must(await stores.messages.find(roomId, 2)))),
      profiles: must(await stores.profiles.findMany([owner.userId, member.userId])),
      sessions: await Promise.all(
        [owner, member].map(async ({ sessionId }) => must(await stores.sessions.find(sessionId))),
      ),
    }),
  };
}

/** A room that does not exist. */
export const noRoom = (): RoomId => newId("room");
