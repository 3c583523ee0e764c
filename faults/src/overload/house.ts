import { newId, type RoomId, type SessionId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase, type Database } from "@ashchat/db/connect";
import { makePerson, must } from "@ashchat/db/testing/factories";
import { connectRedis } from "@ashchat/redis/connect";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import type { Scene } from "./scene";

/** Many people with rooms and open sessions, put into the product's own database: signing up is not what is under load. */
export interface House {
  people: readonly Member[];
  rooms: readonly HouseRoom[];
  /** A ticket for the realtime server, good once. */
  ticketFor(member: Member): Promise<string>;
  close(): Promise<void>;
}

export interface Member {
  userId: UserId;
  sessionId: SessionId;
  language: Language;
}

export interface HouseRoom {
  roomId: RoomId;
  members: readonly Member[];
}

export interface HouseOptions {
  people: number;
  /** One per room; everybody is in about as many as everybody else. */
  roomSizes: readonly number[];
  /** Every so many-th person reads Spanish, the others English; 0: nobody. */
  everyOther: number;
}

const SESSION_MS = 6 * 3_600_000;
/** Below the connections of a pool: this is no load yet. */
const AT_ONCE = 10;

export async function openHouse(scene: Scene, options: HouseOptions): Promise<House> {
  const { databaseUrl: url, redisUrl, namespace } = scene;
  const database = await connectDatabase({ url, appName: "overload", timeoutMs: LIMITS.databaseTimeoutMs });
  const log = createLogger({ name: "overload", level: "error", pretty: false });
  const metrics = createMetrics({ process: "overload", defaults: false });
  const redis = await connectRedis({ url: redisUrl, namespace, log, metrics });
  const { everyOther } = options;
  const people = await inPortions(options.people, (index) =>
    makeMember(database, everyOther > 0 && index % everyOther === 0 ? "es" : "en"),
  );
  const rooms = await inPortions(options.roomSizes.length, (index) => {
    const before = options.roomSizes.slice(0, index).reduce((sum, size) => sum + size, 0);
    const size = options.roomSizes[index] ?? 0;
    return makeRoom(
      database,
      Array.from({ length: size }, (_, place) => at(people, before + place)),
    );
  });
  return {
    people,
    rooms,
    ticketFor: async (member) => must(await redis.tickets.issueTicket(member)).ticket,
    async close() {
      await redis.close();
      await database.close();
    },
  };
}

async function makeMember({ stores }: Database, language: Language): Promise<Member> {
  const { userId } = await makePerson(stores, { language });
  const sessionId = newId("ses");
  const now = Date.now();
  const device = { name: "overload", os: "overload" };
  const times = { createdAt: now, lastSeenAt: now, expiresAt: now + SESSION_MS, revokedAt: null };
  must(await stores.sessions.insert({ sessionId, userId, device, ...times }));
  return { userId, sessionId, language };
}

async function makeRoom({ stores }: Database, members: readonly Member[]): Promise<HouseRoom> {
  const [owner, ...others] = members;
  if (owner === undefined) throw new Error("a room needs a member");
  const room = { roomId: newId("room"), title: "overload", ownerId: owner.userId, now: Date.now() };
  must(await stores.rooms.createGroup({ ...room, memberIds: others.map(({ userId }) => userId) }));
  return { roomId: room.roomId, members };
}

async function inPortions<Value>(count: number, make: (index: number) => Promise<Value>): Promise<Value[]> {
  const made: Value[] = [];
  while (made.length < count) {
    const from = made.length;
    const size = Math.min(AT_ONCE, count - from);
    made.push(...(await Promise.all(Array.from({ length: size }, (_, index) => make(from + index)))));
  }
  return made;
}

/** Round and round. */
export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}
