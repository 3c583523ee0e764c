import { newId, type RoomId, type SessionId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase, type Database } from "@ashchat/db/connect";
import { makePerson, must } from "@ashchat/db/testing/factories";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";

/** People with sessions in rooms, in a database and a namespace of their own. */
export interface SeededHouse {
  mongodbUrl: string;
  redisUrl: string;
  namespace: string;
  rooms: readonly SeededRoom[];
  ticketFor(member: SeededMember): Promise<string>;
  close(): Promise<void>;
}

interface SeededRoom {
  roomId: RoomId;
  members: readonly SeededMember[];
}

export interface SeededMember {
  userId: UserId;
  sessionId: SessionId;
}

const SESSION_MS = 6 * 3_600_000;

/** `roomCount` groups of `roomSize` people each; nobody is in two. */
export async function seedHouse(options: {
  mongodbUrl: string;
  redisUrl: string;
  roomCount: number;
  roomSize: number;
}): Promise<SeededHouse> {
  const house = await openHouse(options);
  const database = await connectDatabase({
    url: house.mongodbUrl,
    appName: "bench",
    timeoutMs: LIMITS.databaseTimeoutMs,
  });
  await database.migrate();
  const rooms: SeededRoom[] = [];
  for (let index = 0; index < options.roomCount; index += 1) rooms.push(await seedRoom(database, options.roomSize));
  await database.close();
  return { ...house, rooms };
}

/** A name for a database and a namespace that nobody else uses, and tickets in it. */
export async function openHouse(options: { mongodbUrl: string; redisUrl: string }): Promise<SeededHouse> {
  const namespace = `bench-${newId("room").slice(-10)}`;
  const mongodbUrl = new URL(options.mongodbUrl);
  mongodbUrl.pathname = `/${namespace}`;
  const redis = await connectRedis({
    url: options.redisUrl,
    namespace,
    log: createLogger({ name: "bench", level: "error", pretty: false }),
    metrics: createMetrics({ process: "bench" }),
  });
  return {
    mongodbUrl: mongodbUrl.href,
    redisUrl: options.redisUrl,
    namespace,
    rooms: [],
    ticketFor: (member) => issueTicket(redis, member),
    close: () => redis.close(),
  };
}

async function seedRoom(database: Database, size: number): Promise<SeededRoom> {
  const { stores } = database;
  const members = await Promise.all(
    Array.from({ length: size }, async () => {
      const { userId } = await makePerson(stores, { language: "en" });
      const sessionId = newId("ses");
      const now = Date.now();
      const device = { name: "bench", os: "bench" };
      must(
        await stores.sessions.insert({
          sessionId,
          userId,
          device,
          createdAt: now,
          lastSeenAt: now,
          expiresAt: now + SESSION_MS,
          revokedAt: null,
        }),
      );
      return { userId, sessionId };
    }),
  );
  const [owner, ...others] = members;
  if (owner === undefined) throw new Error("a room needs a member");
  const memberIds = others.map(({ userId }) => userId);
  const room = must(
    await stores.rooms.createGroup({
      roomId: newId("room"),
      title: "bench",
      ownerId: owner.userId,
      memberIds,
      now: Date.now(),
    }),
  );
  return { roomId: room.roomId, members };
}

async function issueTicket(redis: RedisParts, member: SeededMember): Promise<string> {
  return must(await redis.tickets.issueTicket(member)).ticket;
}
