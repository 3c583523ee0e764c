import type { TranslationSupport } from "@ashchat/contracts/api";
import { appError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import { silentLogger } from "@ashchat/runtime/logger";
import { waitFor } from "@ashchat/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RedisParts } from "./connect";
import { startJobs } from "./jobs";
import { newUserId, redisBench, type RedisBench } from "./testing";

let bench: RedisBench;
let redis: RedisParts;
let now = 1_700_000_000_000;
beforeEach(async () => {
  bench = redisBench();
  redis = await bench.connect({ clock: { now: () => now } });
});
afterEach(async () => bench.close());

async function onlineOf(...userIds: UserId[]): Promise<boolean[]> {
  const states = await redis.presence.of(userIds);
  return states.ok ? states.value.map(({ online }) => online) : [];
}

describe("presence", () => {
  it("a person is online while any node vouches for them", async () => {
    const [ana, ben] = [newUserId(), newUserId()];
    const [first, second] = [redis.presence.forNode("first"), redis.presence.forNode("second")];
    await first.beat([ana, ben]);
    await second.beat([ana]);
    expect(await onlineOf(ana, ben, newUserId())).toEqual([true, true, false]);
    await first.leave([ana, ben]);
    expect(await onlineOf(ana, ben)).toEqual([true, false]);
    await second.leave([ana]);
    expect(await onlineOf(ana)).toEqual([false]);
  });

  it("the people of a node that died go offline by themselves", async () => {
    const ana = newUserId();
    await redis.presence.forNode("dead").beat([ana]);
    now += LIMITS.presenceTtlMs - 1;
    expect(await onlineOf(ana)).toEqual([true]);
    now += 2;
    expect(await onlineOf(ana)).toEqual([false]);
    const ttlMs = await bench.raw.pttl(`${bench.namespace}:online:${ana}`);
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(LIMITS.presenceTtlMs);
  });

  it("asking about nobody answers nobody", async () => {
    expect(await redis.presence.of([])).toEqual({ ok: true, value: [] });
    expect((await redis.presence.forNode("node").beat([])).ok).toBe(true);
  });
});

describe("last seen", () => {
  it("every entry is written once, whatever comes meanwhile stays for the next time", async () => {
    const people = Array.from({ length: 1_200 }, newUserId);
    await redis.presence.forNode("node").beat(people);
    const late = newUserId();
    const written = new Map<UserId, number>();
    const drained = await redis.lastSeen.drain(async (entries) => {
      if (written.size === 0) await redis.presence.forNode("node").leave([late]);
      for (const { userId, at } of entries) written.set(userId, at);
      return ok(undefined);
    });
    expect(drained).toEqual({ ok: true, value: people.length });
    expect(new Set(written.keys())).toEqual(new Set(people));
    expect(new Set(written.values())).toEqual(new Set([now]));
    expect(await redis.lastSeen.drain(async () => ok(undefined))).toEqual({ ok: true, value: 1 });
    expect(await redis.lastSeen.drain(async () => ok(undefined))).toEqual({ ok: true, value: 0 });
  });

  it("what could not be written comes again, and is still shown until then", async () => {
    const ana = newUserId();
    await redis.presence.forNode("node").beat([ana]);
    const down = appError("unavailable", "the database is away");
    expect(await redis.lastSeen.drain(async () => fail(down))).toMatchObject({
      ok: false,
      error: { code: "unavailable" },
    });
    expect(await redis.presence.of([ana])).toEqual({
      ok: true,
      value: [{ userId: ana, online: true, lastSeenAt: now }],
    });
    const seen: unknown[] = [];
    await redis.lastSeen.drain(async (entries) => {
      seen.push(...entries);
      return ok(undefined);
    });
    expect(seen).toEqual([{ userId: ana, at: now }]);
    expect(await redis.presence.of([ana])).toEqual({
      ok: true,
      value: [{ userId: ana, online: true, lastSeenAt: null }],
    });
  });
});

describe("the cache", () => {
  it("gives bytes back in the order of the keys, null where nothing is kept", async () => {
    const keys = Array.from({ length: 1_100 }, (_, index) => `key-${index}`);
    const kept = keys.filter((_, index) => index % 3 !== 0);
    const bytes = (name: string) => Buffer.from([0xff, 0x00, ...Buffer.from(name)]);
    expect(
      (
        await redis.cache.setMany(
          kept.map((key) => ({ key, value: bytes(key) })),
          60_000,
        )
      ).ok,
    ).toBe(true);
    const values = await redis.cache.getMany(keys);
    expect(values).toEqual({ ok: true, value: keys.map((name, index) => (index % 3 === 0 ? null : bytes(name))) });
    expect(await redis.cache.getMany([])).toEqual({ ok: true, value: [] });
  });

  it("forgets after its time to live", async () => {
    expect((await redis.cache.setMany([{ key: "short", value: "x" }], 20)).ok).toBe(true);
    await waitFor(async () => {
      const values = await redis.cache.getMany(["short"]);
      return values.ok && values.value[0] === null;
    });
  });

  it("of 20 processes that want the same one works and the others get its result", async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => bench.connect()));
    let works = 0;
    let made: string | null = null;
    const fly = (parts: RedisParts) =>
      parts.cache.singleFlight({
        key: "same",
        lockMs: 5_000,
        waitMs: 5_000,
        read: async () => made,
        work: async () => {
          works += 1;
          await new Promise((resolve) => setImmediate(resolve));
          made = "result";
          return made;
        },
      });
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => fly(clients[index % 4] ?? redis)));
    expect(new Set(results)).toEqual(new Set(["result"]));
    expect(works).toBe(1);
    await waitFor(async () => (await bench.raw.exists(`${bench.namespace}:lock:same`)) === 0);
  });

  it("who waits in vain works as well", async () => {
    await bench.raw.set(`${bench.namespace}:lock:stuck`, "somebody who died", "PX", 60_000);
    const flight = { key: "stuck", lockMs: 1_000, waitMs: 60, read: async () => null, work: async () => "mine" };
    expect(await redis.cache.singleFlight(flight)).toBe("mine");
    expect(await bench.raw.get(`${bench.namespace}:lock:stuck`)).toBe("somebody who died");
  });

  it("the lock of work that failed does not keep others out", async () => {
    const flight = { key: "failing", lockMs: 60_000, waitMs: 1_000, read: async () => null };
    const failing = redis.cache.singleFlight({ ...flight, work: () => Promise.reject(new Error("no")) });
    await expect(failing).rejects.toThrow("no");
    expect(await redis.cache.singleFlight({ ...flight, work: async () => "second" })).toBe("second");
  });
});

describe("translation support", () => {
  it("is what was put last, and null where it is missing or of another shape", async () => {
    expect(await redis.support.getSupport()).toEqual({ ok: true, value: null });
    const support: TranslationSupport = {
      engines: [{ name: "apertium", offline: true, ready: true }],
      pairs: [{ from: "es", to: ["en", "pt"] }],
      checkedAt: 5,
    };
    await redis.support.putSupport(support);
    expect(await redis.support.getSupport()).toEqual({ ok: true, value: support });
    await bench.raw.set(`${bench.namespace}:translation-support`, '{"engines":1}');
    expect(await redis.support.getSupport()).toEqual({ ok: true, value: null });
  });
});

describe("jobs", () => {
  const start = (schedules: Parameters<typeof startJobs>[0]["schedules"]) =>
    startJobs({ url: bench.url, namespace: bench.namespace, log: silentLogger(), metrics: bench.metrics, schedules });

  it("a turn that fails is tried again before the next turn", async () => {
    let calls = 0;
    const handler = async () => {
      calls += 1;
      if (calls === 1) throw new Error("the first try fails");
    };
    const jobs = await start([{ name: "hourly", everyMs: 3_600_000, handler }]);
    await waitFor(() => calls >= 2);
    await jobs.close();
    expect(calls).toBe(2);
  });

  it("each turn is done by one of all processes", async () => {
    const calls: string[] = [];
    const handler = (node: string) => async () => void calls.push(node);
    const first = await start([{ name: "write-back", everyMs: 400, handler: handler("first") }]);
    const second = await start([{ name: "write-back", everyMs: 400, handler: handler("second") }]);
    const startedAt = Date.now();
    await waitFor(() => calls.length >= 5, { deadlineMs: 20_000 });
    const turns = Math.ceil((Date.now() - startedAt) / 400) + 2;
    expect(calls.length).toBeLessThanOrEqual(turns);
    await Promise.all([first.close(), second.close()]);
  });

  it("a schedule goes on after a Redis that came back without its data", async () => {
    let turns = 0;
    const jobs = await start([{ name: "frequent", everyMs: 50, handler: async () => void (turns += 1) }]);
    await waitFor(() => turns > 1);
    const kept = await bench.raw.keys(`${bench.namespace}:bull:*`);
    await bench.raw.unlink(...kept);
    await cutJobs(bench);
    const before = turns;
    await waitFor(() => turns > before + 3);
    await jobs.close();
  });

  it("a schedule whose interval became shorter keeps to the new one, also after a turn that took too long", async () => {
    const first = await start([{ name: "rare", everyMs: 24 * 3_600_000, handler: async () => undefined }]);
    await first.close();
    let turns = 0;
    const slow = async () => {
      const until = Date.now() + 60;
      await waitFor(() => Date.now() > until);
      turns += 1;
    };
    const second = await start([{ name: "rare", everyMs: 20, handler: slow }]);
    await waitFor(() => turns > 5);
    await second.close();
  });

  it("a schedule that is no longer there runs no more, and a cron pattern is accepted", async () => {
    let old = 0;
    const first = await start([{ name: "old", everyMs: 50, handler: async () => void (old += 1) }]);
    await waitFor(() => old > 0);
    await first.close();
    let fresh = 0;
    const second = await start([
      { name: "fresh", everyMs: 50, handler: async () => void (fresh += 1) },
      { name: "nightly", cron: "0 3 * * *", handler: async () => undefined },
    ]);
    const before = old;
    await waitFor(() => fresh > 3);
    expect(old).toBe(before);
    const schedulers = await bench.raw.zrange(`${bench.namespace}:bull:jobs:repeat`, "0", "-1");
    expect(schedulers.sort()).toEqual(["fresh", "nightly"]);
    await second.close();
  });
});

/** Ends the connections of the jobs as a server that restarts does. */
async function cutJobs({ raw, namespace }: RedisBench): Promise<void> {
  const clients = String(await raw.client("LIST")).split("\n");
  for (const client of clients.filter((line) => line.includes(`name=${namespace}-jobs-`))) {
    const id = /\bid=(\d+)/.exec(client)?.[1];
    if (id !== undefined) await raw.client("KILL", "ID", id);
  }
}

describe("the begin of a realtime process", () => {
  it("is known to whoever asks, the last one counts, and it is forgotten when nobody waits any more", async () => {
    const last = async () => {
      const answer = await redis.realtimeStarts.last();
      return answer.ok ? answer.value : answer.error.code;
    };
    expect(await last()).toBeNull();
    await redis.realtimeStarts.note(1_700_000_000_000);
    await redis.realtimeStarts.note(1_700_000_000_500);
    expect(await last()).toBe(1_700_000_000_500);
    expect(await bench.raw.pttl(`${bench.namespace}:realtime-start`)).toBeGreaterThan(LIMITS.reconnectDelayMaxMs);
  });
});
