import type { Announcement, HouseAnnouncement, RoomAnnouncement } from "@ashchat/contracts/announcements";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { startPrivateServices, type PrivateServices } from "@ashchat/runtime/testing/services";
import { startTcpProxy } from "@ashchat/runtime/testing/tcp-proxy";
import { waitFor } from "@ashchat/runtime/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAnnouncer, ROOM_SHARDS, roomChannel } from "./announcer";
import type { Live } from "./live";
import { newUserId, redisBench, type RedisBench } from "./testing";

let bench: RedisBench;
beforeEach(() => {
  bench = redisBench();
});
afterEach(async () => bench.close());

const heads = (roomId: RoomId, head = 1): RoomAnnouncement => ({ kind: "heads", roomId, head, changeHead: 0 });
const revoked = (): HouseAnnouncement => ({ kind: "session_revoked", userId: newUserId(), sessionId: newId("ses") });

function heardBy(live: Live): Announcement[] {
  const heard: Announcement[] = [];
  live.onAnnouncement((announcement) => void heard.push(announcement));
  return heard;
}

/** Everything that `from` announced before has arrived at `to` once this has. */
async function barrier(from: Live, heard: Announcement[]): Promise<void> {
  const last = revoked();
  from.announcer.announce(last);
  await waitFor(() => heard.some((one) => JSON.stringify(one) === JSON.stringify(last)));
}

describe("live fan-out", () => {
  it("brings announcements of watched rooms in order, others and one's own not", async () => {
    const [first, second] = [await bench.live(), await bench.live()];
    const [mine, theirs] = [heardBy(first), heardBy(second)];
    const [watched, other] = [newId("room"), newId("room")];
    await Promise.all([first.watchRoom(watched), second.watchRoom(watched)]);
    for (let head = 1; head <= 500; head += 1) first.announcer.announce(heads(watched, head));
    first.announcer.announce(heads(other));
    await waitFor(() => theirs.length >= 500);
    await barrier(first, theirs);
    const ofRooms = theirs.filter(({ kind }) => kind === "heads");
    expect(ofRooms).toEqual(Array.from({ length: 500 }, (_, index) => heads(watched, index + 1)));
    await barrier(second, mine);
    expect(mine.filter(({ kind }) => kind === "heads")).toEqual([]);
  });

  it("a room that shares the shard of a watched one is not heard, and unwatching ends it", async () => {
    const [first, second] = [await bench.live(), await bench.live()];
    const heard = heardBy(second);
    const watched = newId("room");
    const neighbour = roomInShardOf(watched);
    await second.watchRoom(watched);
    first.announcer.announce(heads(neighbour));
    first.announcer.announce(heads(watched));
    await waitFor(() => heard.length > 0);
    expect(heard.splice(0)).toEqual([heads(watched)]);
    await second.watchRoom(neighbour);
    second.unwatchRoom(watched);
    first.announcer.announce(heads(watched, 2));
    first.announcer.announce(heads(neighbour, 2));
    await waitFor(() => heard.length > 0);
    expect(heard).toEqual([heads(neighbour, 2)]);
    second.unwatchRoom(neighbour);
    const channels = await waitFor(async () => {
      const counts = await bench.raw.pubsub("NUMSUB", `${bench.namespace}:live:${roomChannel(watched)}`);
      return Number(counts[1]) === 0;
    });
    expect(channels).toBe(true);
  });

  it("whoever watched a room hears everything that is announced afterwards, for every room", async () => {
    const [first, second] = [await bench.live(), await bench.live()];
    const heard = heardBy(second);
    const rooms = Array.from({ length: ROOM_SHARDS * 4 }, () => newId("room"));
    await Promise.all(
      rooms.map(async (roomId) => {
        await second.watchRoom(roomId);
        first.announcer.announce(heads(roomId));
      }),
    );
    await waitFor(() => heard.length >= rooms.length);
    expect(new Set(heard)).toEqual(new Set(rooms.map((roomId) => heads(roomId))));
  });

  it("one turn of the event loop is one message per channel", async () => {
    const live = await bench.live();
    const raw = bench.raw.duplicate();
    const payloads: string[] = [];
    raw.on("message", (_channel, payload) => void payloads.push(payload));
    const roomId = newId("room");
    await raw.subscribe(`${bench.namespace}:live:${roomChannel(roomId)}`);
    for (let head = 1; head <= 10; head += 1) live.announcer.announce(heads(roomId, head));
    await waitFor(() => payloads.length > 0);
    expect(payloads.map((payload) => JSON.parse(payload).items.length)).toEqual([10]);
    raw.disconnect();
  });

  it("a node that is alone says nothing of its rooms, and from the moment another one watches a room it is heard", async () => {
    const [first, second] = [await bench.live(), await bench.live()];
    // Who listens to a pattern sees everything and does not count as a listener of a channel.
    const everything = bench.raw.duplicate();
    const published: string[] = [];
    everything.on("pmessage", (_pattern, channel) => void published.push(channel));
    await everything.psubscribe(`${bench.namespace}:live:*`);
    const heard = heardBy(second);
    const roomId = newId("room");
    await first.watchRoom(roomId);
    for (let head = 1; head <= 50; head += 1) {
      first.announcer.announce(heads(roomId, head));
      await bench.raw.ping();
    }
    await barrier(first, heard);
    expect(published).toEqual([`${bench.namespace}:live:house`]);
    everything.disconnect();

    await second.watchRoom(roomId);
    for (let head = 51; head <= 100; head += 1) {
      first.announcer.announce(heads(roomId, head));
      await bench.raw.ping();
    }
    await waitFor(() => heard.some((one) => one.kind === "heads" && one.head === 100));
    // What was announced before may still wait for its question; it does no harm.
    expect(heard.flatMap((one) => (one.kind === "heads" && one.head > 50 ? [one.head] : []))).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 51),
    );
  });

  it("however much it says, a node that is alone asks no more than every 5 ms, and what waited is heard by who listens", async () => {
    const asked = vi.spyOn(bench.raw, "pubsub");
    const key = (...parts: string[]) => [bench.namespace, ...parts].join(":");
    const announcer = createAnnouncer({
      ...{ client: bench.raw, key, origin: "alone", metrics: bench.metrics, isOwnListener: () => false },
    });
    const roomId = newId("room");
    const startedAt = performance.now();
    let head = 0;
    for (; performance.now() - startedAt < 100; head += 1) {
      announcer.announce(heads(roomId, head));
      await bench.raw.ping();
    }
    const questions = asked.mock.calls.length;
    expect(questions).toBeGreaterThan(1);
    expect(questions).toBeLessThanOrEqual(Math.ceil((performance.now() - startedAt) / 5) + 1);
    expect(questions).toBeLessThan(head);

    const listener = bench.raw.duplicate();
    const payloads: string[] = [];
    listener.on("message", (_channel, payload) => void payloads.push(payload));
    await listener.subscribe(`${bench.namespace}:live:${roomChannel(roomId)}`);
    announcer.announce(heads(roomId, head));
    await waitFor(() => payloads.some((payload) => payload.includes(`"head":${String(head)}`)));
    listener.disconnect();
  });

  it("a room that is left and watched again by the node that writes is still heard by another one", async () => {
    const [first, second] = [await bench.live(), await bench.live()];
    const heard = heardBy(second);
    const roomId = newId("room");
    await second.watchRoom(roomId);
    for (let head = 1; head <= 30; head += 1) {
      const watching = first.watchRoom(roomId);
      first.unwatchRoom(roomId);
      const again = first.watchRoom(roomId);
      first.announcer.announce(heads(roomId, head));
      if (head % 2 === 0) await Promise.all([watching, again]);
      first.unwatchRoom(roomId);
    }
    await waitFor(() => heard.length === 30);
    expect(heard).toEqual(Array.from({ length: 30 }, (_, index) => heads(roomId, index + 1)));
  });

  it("what is announced right before a node ends still goes out", async () => {
    const [first, second] = [await bench.live(), await bench.live()];
    const heard = heardBy(second);
    const roomId = newId("room");
    await second.watchRoom(roomId);
    first.announcer.announce(heads(roomId, 1));
    await first.close();
    await waitFor(() => heard.length === 1);
  });

  it("malformed input is counted and dropped, what stands beside it arrives", async () => {
    const live = await bench.live();
    const heard = heardBy(live);
    const good = revoked();
    const channel = `${bench.namespace}:live:house`;
    for (const payload of ["{", "[]", '{"from":1,"items":[]}', '{"from":"x","items":{}}'])
      await bench.raw.publish(channel, payload);
    await bench.raw.publish(channel, JSON.stringify({ from: "x", items: [{ kind: "unknown" }, null, good] }));
    await waitFor(() => heard.length > 0);
    expect(heard).toEqual([good]);
    expect((await bench.metrics.render()).body).toContain('ashchat_announcements_malformed_total{process="test"} 6');
  });
});

describe("a Redis that goes away", () => {
  it("a cut connection is told as broken, then restored only after every subscription works again", async () => {
    const proxy = await startTcpProxy(bench.url);
    const live = await bench.live({ url: proxy.through(bench.url) });
    const other = await bench.live();
    const heard = heardBy(live);
    const told: string[] = [];
    const rooms = Array.from({ length: 20 }, () => newId("room"));
    await Promise.all(rooms.map((roomId) => live.watchRoom(roomId)));
    live.onBroken(() => void told.push("broken"));
    live.onRestored(() => {
      told.push("restored");
      for (const roomId of rooms) other.announcer.announce(heads(roomId, 9));
    });
    proxy.cut();
    await waitFor(() => told.length === 1);
    const late = newId("room");
    await live.watchRoom(late);
    rooms.push(late);
    proxy.heal();
    await waitFor(() => heard.length === rooms.length);
    expect(told).toEqual(["broken", "restored"]);
    await live.close();
    await proxy.close();
  });

  it("a server that hangs is noticed in time for revocations, without a closed connection", async () => {
    const proxy = await startTcpProxy(bench.url);
    const live = await bench.live({ url: proxy.through(bench.url) });
    const told: string[] = [];
    live.onBroken(() => void told.push("broken"));
    live.onRestored(() => void told.push("restored"));
    const startedAt = Date.now();
    proxy.stall();
    await waitFor(() => told.includes("broken"));
    expect(Date.now() - startedAt).toBeLessThan(LIMITS.revocationDeadlineMs);
    proxy.cut();
    proxy.heal();
    await waitFor(() => told.includes("restored"), { deadlineMs: 15_000 });
    await live.close();
    await proxy.close();
  });

  it("what is announced on `restored` arrives: both directions are there", async () => {
    const proxy = await startTcpProxy(bench.url);
    const live = await bench.live({ url: proxy.through(bench.url) });
    const other = await bench.live();
    const heard = heardBy(other);
    const rounds = 5;
    live.onRestored(() => live.announcer.announce(revoked()));
    for (let round = 1; round <= rounds; round += 1) {
      let broken = false;
      live.onBroken(() => {
        broken = true;
      });
      proxy.cut();
      await waitFor(() => broken);
      proxy.heal();
      await waitFor(() => heard.length === round);
    }
    expect(heard).toHaveLength(rounds);
    await live.close();
    await proxy.close();
  });

  it("a node that starts without Redis hears so at once and works when it comes", async () => {
    const proxy = await startTcpProxy(bench.url);
    proxy.cut();
    const live = await bench.live({ url: proxy.through(bench.url) });
    const told: string[] = [];
    live.onBroken(() => void told.push("broken"));
    live.onRestored(() => void told.push("restored"));
    expect(told).toEqual(["broken"]);
    const roomId = newId("room");
    await live.watchRoom(roomId);
    proxy.heal();
    await waitFor(() => told.length === 2);
    const heard = heardBy(live);
    const other = await bench.live();
    other.announcer.announce(heads(roomId));
    await waitFor(() => heard.length === 1);
    await live.close();
    await proxy.close();
  });

  it("calls fail at once with a retryable error, limits go on, readiness says so, and all recovers", async () => {
    const proxy = await startTcpProxy(bench.url);
    const redis = await bench.connect({ url: proxy.through(bench.url) });
    expect(await redis.ready()).toEqual({ ok: true, detail: expect.stringMatching(/^Redis \d/) });
    proxy.cut();
    await waitFor(async () => !(await redis.ready()).ok);
    const startedAt = Date.now();
    expect(await redis.support.getSupport()).toMatchObject({
      ok: false,
      error: { code: "unavailable", retryable: true },
    });
    expect(await redis.tickets.redeemTicket("any")).toMatchObject({ ok: false, error: { code: "unavailable" } });
    redis.announcer.announce(revoked());
    const answers = [];
    for (let call = 0; call < 11; call += 1)
      answers.push(await redis.limits.signIn({ ip: "192.0.2.1", email: "ana@example.org" }));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    proxy.heal();
    await waitFor(async () => (await redis.ready()).ok);
    expect((await redis.support.getSupport()).ok).toBe(true);
    await redis.close();
    await proxy.close();
  });

  it("a server that hangs makes a call fail at its timeout", async () => {
    const proxy = await startTcpProxy(bench.url);
    const redis = await bench.connect({ url: proxy.through(bench.url) });
    proxy.stall();
    const startedAt = Date.now();
    expect(await redis.support.getSupport()).toMatchObject({ ok: false, error: { code: "timeout", retryable: true } });
    expect(Date.now() - startedAt).toBeLessThan(LIMITS.redisTimeoutMs + 1_000);
    proxy.cut();
    await redis.close();
    await proxy.close();
  });
});

describe("a Redis that is killed", () => {
  let services: PrivateServices;
  let own: RedisBench;
  beforeEach(async () => {
    services = await startPrivateServices(["redis"]);
    own = redisBench(services.url("REDIS_URL"));
  });
  afterEach(async () => {
    await own.close();
    await services.close();
  });

  it("is found again by all clients when it is restarted, and they hear each other", async () => {
    const [redis, live, other] = [await own.connect(), await own.live(), await own.live()];
    const restored = new Set<Live>();
    for (const node of [live, other]) node.onRestored(() => void restored.add(node));
    await live.watchRoom(newId("room"));
    await services.kill("redis");
    await services.start("redis");
    await waitFor(async () => restored.size === 2 && (await redis.ready()).ok, { deadlineMs: 20_000 });
    const heard = heardBy(live);
    await barrier(other, heard);
    expect(heard).toHaveLength(1);
  });
});

function roomInShardOf(roomId: RoomId): RoomId {
  let candidate = newId("room");
  while (roomChannel(candidate) !== roomChannel(roomId)) candidate = newId("room");
  return candidate;
}
