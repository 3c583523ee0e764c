import { newId } from "@ashchat/contracts/ids";
import { systemClock } from "@ashchat/runtime/clock";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { testEnv } from "@ashchat/runtime/testing";
import { makePerson, must } from "@ashchat/db/testing/factories";
import { testDatabase, type TestDatabase } from "@ashchat/db/testing/test-database";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { schedulesOf } from "./schedules";

const DAY_MS = 24 * 3_600_000;

let redis: RedisParts;
let database: TestDatabase;

beforeAll(async () => {
  const log = createLogger({ name: "test", level: "silent", pretty: false });
  const namespace = `test-${newId("room")}`;
  redis = await connectRedis({
    url: testEnv("ASH_TEST_REDIS_URL"),
    namespace,
    log,
    metrics: createMetrics({ process: "test" }),
  });
  database = await testDatabase();
});

afterAll(async () => {
  await redis.close();
  await database.close();
});

function schedules() {
  const { profiles, sessions } = database.stores;
  return schedulesOf({ lastSeen: redis.lastSeen, profiles, sessions, clock: systemClock });
}

async function turn(name: string): Promise<void> {
  const found = schedules().find((schedule) => schedule.name === name);
  if (found === undefined) throw new Error(`no schedule ${name}`);
  await found.handler();
}

it("last-seen times are written back every minute, expired sessions removed once a night", () => {
  expect(schedules()).toMatchObject([
    { name: "last-seen-write-back", everyMs: 60_000 },
    { name: "expired-sessions", cron: expect.stringMatching(/^\d+ [0-5] \* \* \*$/) as string },
  ]);
});

it("last-seen times reach the profiles, and an older one never overwrites a newer", async () => {
  const { userId } = await makePerson(database.stores, { name: "Ana" });
  const { profiles } = database.stores;
  const before = Date.now();
  must(await redis.presence.forNode("node-1").beat([userId]));
  await turn("last-seen-write-back");
  const written = must(await profiles.find(userId))?.lastSeenAt ?? 0;
  expect(written).toBeGreaterThanOrEqual(before);

  must(await profiles.setLastSeen([{ userId, at: before - DAY_MS }]));
  expect(must(await profiles.find(userId))?.lastSeenAt).toBe(written);
});

it("a session that expired more than a day ago is removed, a live or recent one stays", async () => {
  const { userId } = await makePerson(database.stores, { name: "Ben" });
  const { sessions } = database.stores;
  const now = systemClock.now();
  const [old, recent, live] = [now - 2 * DAY_MS, now - 1_000, now + DAY_MS].map((expiresAt) => ({
    sessionId: newId("ses"),
    userId,
    device: { name: "Chrome", os: "Linux" },
    createdAt: now - 3 * DAY_MS,
    lastSeenAt: now - 3 * DAY_MS,
    expiresAt,
    revokedAt: null,
  }));
  if (old === undefined || recent === undefined || live === undefined) throw new Error("three sessions were made");
  for (const session of [old, recent, live]) must(await sessions.insert(session));
  await turn("expired-sessions");
  expect(must(await sessions.find(old.sessionId))).toBeNull();
  expect(must(await sessions.find(recent.sessionId))).not.toBeNull();
  expect(must(await sessions.find(live.sessionId))).not.toBeNull();
});
