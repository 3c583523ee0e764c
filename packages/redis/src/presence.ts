import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Presence } from "@ashchat/contracts/room";
import type { Clock, Outcome, PresenceReader } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, repliesOf, type Key } from "./client";

/**
 * Who is online: per person a sorted set of nodes with the time until which each vouches for them. A node that dies stops
 * vouching and its people go offline by themselves. Beside it the hash `last-seen`, which the jobs process writes back to
 * the database; `lastSeenAt` here is null once it has been: the profile has it then.
 */
export interface NodePresence extends PresenceReader {
  /** These people are here for another `presenceTtlMs`; one round trip. */
  beat(userIds: readonly UserId[]): Outcome<void>;
  /** These people have left this node. */
  leave(userIds: readonly UserId[]): Outcome<void>;
}

export interface PresenceStore extends PresenceReader {
  forNode(nodeId: string): NodePresence;
}

export const LAST_SEEN = "last-seen";
export const LAST_SEEN_DRAINING = "last-seen-draining";

export function createPresence({ client, key, clock }: { client: Redis; key: Key; clock: Clock }): PresenceStore {
  const keyOf = (userId: UserId) => key("online", userId);
  const of: PresenceReader["of"] = (userIds) =>
    attempt("read presence", async () => {
      if (userIds.length === 0) return [];
      const pipeline = client.pipeline();
      for (const userId of userIds) pipeline.zcount(keyOf(userId), clock.now(), "+inf");
      pipeline.hmget(key(LAST_SEEN), ...userIds).hmget(key(LAST_SEEN_DRAINING), ...userIds);
      const replies = repliesOf(await pipeline.exec());
      const [fresh, draining] = [replies[userIds.length], replies[userIds.length + 1]];
      return userIds.map((userId, index) =>
        presenceOf(userId, replies[index], timeAt(fresh, index) ?? timeAt(draining, index)),
      );
    });
  return {
    of,
    forNode: (nodeId) => ({
      of,
      beat: (userIds) =>
        attempt("beat presence", async () => {
          const now = clock.now();
          const pipeline = client.pipeline();
          for (const userId of userIds) {
            pipeline.zadd(keyOf(userId), now + LIMITS.presenceTtlMs, nodeId);
            pipeline.zremrangebyscore(keyOf(userId), "-inf", now);
            pipeline.pexpire(keyOf(userId), LIMITS.presenceTtlMs);
          }
          noteSeen(pipeline, key, { userIds, now });
          repliesOf(await pipeline.exec());
        }),
      leave: (userIds) =>
        attempt("leave presence", async () => {
          const pipeline = client.pipeline();
          for (const userId of userIds) pipeline.zrem(keyOf(userId), nodeId);
          noteSeen(pipeline, key, { userIds, now: clock.now() });
          repliesOf(await pipeline.exec());
        }),
    }),
  };
}

function noteSeen(
  pipeline: ReturnType<Redis["pipeline"]>,
  key: Key,
  { userIds, now }: { userIds: readonly UserId[]; now: number },
): void {
  if (userIds.length > 0) pipeline.hset(key(LAST_SEEN), Object.fromEntries(userIds.map((userId) => [userId, now])));
}

function presenceOf(userId: UserId, nodes: unknown, lastSeenAt: number | null): Presence {
  return { userId, online: typeof nodes === "number" && nodes > 0, lastSeenAt };
}

function timeAt(replies: unknown, index: number): number | null {
  const value: unknown = Array.isArray(replies) ? replies[index] : null;
  return typeof value === "string" ? Number(value) : null;
}
