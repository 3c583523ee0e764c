import { LIMITS } from "@ashchat/contracts/limits";
import { newId, type RoomId, type SessionId, type UserId } from "@ashchat/contracts/ids";
import { connectDatabase, type Stores } from "@ashchat/db/connect";
import { makePerson, must } from "@ashchat/db/testing";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { sealSession } from "@ashchat/web/testing/sealed-session";
import { inject } from "vitest";
import type { HouseAddresses } from "./start-house";

export interface Person {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** The `cookie` header of this person's browser. */
  readonly cookie: string;
}

/** The house under attack, from behind: whatever an attack needs to be there is put straight into its stores. */
export interface OpenHouse extends HouseAddresses {
  readonly stores: Stores;
  readonly redis: RedisParts;
  /** With an account, a profile and a session. */
  person(): Promise<Person>;
  people(count: number): Promise<Person[]>;
  /** Another session of the same person; `ttlMs` may be negative. */
  session(userId: UserId, ttlMs?: number): Promise<Person>;
  direct(one: UserId, other: UserId): Promise<RoomId>;
  group(ownerId: UserId, ...memberIds: UserId[]): Promise<RoomId>;
  ticket(person: Pick<Person, "userId" | "sessionId">): Promise<string>;
  close(): Promise<void>;
}

/** At a time: a crowd is made without crowding the database. */
const PORTION = 5;

/** As web names it where it is reached without TLS. */
export const SESSION_COOKIE = "next-auth.session-token";

export async function openHouse(addresses: HouseAddresses = inject("house")): Promise<OpenHouse> {
  const { MONGODB_URL: url = "", REDIS_URL: redisUrl = "", NAMESPACE: namespace = "" } = addresses.env;
  const database = await connectDatabase({ url, appName: "security", timeoutMs: LIMITS.databaseTimeoutMs });
  const metrics = createMetrics({ process: "security", defaults: false });
  const redis = await connectRedis({ url: redisUrl, namespace, log: silentLogger(), metrics });
  const { stores } = database;

  async function session(userId: UserId, ttlMs: number = LIMITS.sessionTtlMs): Promise<Person> {
    const sessionId = newId("ses");
    const now = Date.now();
    const times = { createdAt: now, lastSeenAt: now, expiresAt: now + ttlMs, revokedAt: null };
    must(await stores.sessions.insert({ sessionId, userId, device: { name: "Firefox", os: "Linux" }, ...times }));
    const secret = addresses.env["NEXTAUTH_SECRET"] ?? "";
    const token = await sealSession({ userId, sessionId }, secret);
    return { userId, sessionId, cookie: `${SESSION_COOKIE}=${token}` };
  }

  const person = async () => session((await makePerson(stores)).userId);

  return {
    ...addresses,
    stores,
    redis,
    session,
    person,
    people: (count) => inPortions(count, person),
    direct: async (one, other) => must(await stores.rooms.openDirect(one, other, Date.now())).room.roomId,
    async group(ownerId, ...memberIds) {
      const group = { roomId: newId("room"), title: "Group", ownerId, memberIds, now: Date.now() };
      return must(await stores.rooms.createGroup(group)).roomId;
    },
    ticket: async ({ userId, sessionId }) => must(await redis.tickets.issueTicket({ userId, sessionId })).ticket,
    async close() {
      await redis.close();
      await database.close();
    },
  };
}

async function inPortions<Value>(count: number, make: () => Promise<Value>): Promise<Value[]> {
  const made: Value[] = [];
  while (made.length < count) {
    const portion = Math.min(PORTION, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: portion }, make))));
  }
  return made;
}
