import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { testEnv, waitFor } from "@ashchat/runtime/testing";
import { startTcpProxy, type TcpProxy } from "@ashchat/runtime/testing/tcp-proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client } from "./testing/client";
import { must, startHarness, type Harness, type TestNode } from "./testing/harness";

let house: Harness;
let north: TestNode;
let south: TestNode;

beforeAll(async () => {
  house = await startHarness();
  // Bursts of hundreds in one room are what is tested here, on however slow a machine.
  north = await house.startNode({ limits: { sendDelayTargetMs: 60_000, sendTurnMs: 60_000 } });
  south = await house.startNode({ limits: { sendDelayTargetMs: 60_000, sendTurnMs: 60_000 } });
});
afterAll(() => house.close());

const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);

async function orderOf(roomId: RoomId): Promise<(string | null)[]> {
  const { messages } = house.database.stores;
  const page = must(await messages.page({ roomId, after: 0, before: null, limit: 1_000, newest: false }));
  return page.map((message) => message.clientId);
}

function heardOrder(client: Client, roomId: RoomId): string[] {
  return client.all("message").flatMap(({ message }) => (message.roomId === roomId ? [message.clientId] : []));
}

describe("two nodes", () => {
  it("a message, its typing and its marks cross from one to the other", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [here, there] = [await house.connect(north, ana), await house.connect(south, ben)];
    here.send({ t: "typing", roomId });
    await there.next("typing");
    here.say(roomId, "hello");
    await there.next("message");
    there.send({ t: "read", roomId, seq: 1 });
    const { marks } = await here.next("receipts");
    expect(marks).toEqual([{ userId: ben.userId, deliveredSeq: 1, readSeq: 1 }]);
    await here.next("presence", ({ presence }) => presence.userId === ben.userId && presence.online);
  });

  it("the same client id sent on both gives one message", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [phone, laptop, reader] = [
      await house.connect(north, ana),
      await house.connect(south, ana),
      await house.connect(south, ben),
    ];
    const clientId = newClientId();
    phone.say(roomId, "once", clientId);
    laptop.say(roomId, "once", clientId);
    const acks = [await phone.next("ack"), await laptop.next("ack")];
    expect(acks.map(({ seq }) => seq)).toEqual([1, 1]);
    reader.send({ t: "ping" });
    await reader.next("pong");
    expect(reader.seqs(roomId)).toEqual([1]);
    expect(await orderOf(roomId)).toEqual([clientId]);
  });

  it("64 writers at once: seqs are dense, and everybody sees one order, live and in history", async () => {
    const people = await Promise.all(Array.from({ length: 64 }, () => house.person()));
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error("nobody");
    const roomId = await house.group(owner, ...others);
    const clients = await Promise.all(people.map((one, index) => house.connect(index % 2 === 0 ? north : south, one)));
    const perWriter = 5;
    const total = clients.length * perWriter;
    for (let round = 0; round < perWriter; round += 1) {
      for (const client of clients) client.say(roomId, `round ${round}`);
    }
    await waitFor(() => clients.every((client) => client.all("ack").length === perWriter), { deadlineMs: 40_000 });
    await waitFor(() => clients.every((client) => client.seqs(roomId).length >= total), { deadlineMs: 20_000 });
    const history = await orderOf(roomId);
    expect(history).toHaveLength(total);
    for (const client of clients) {
      expect(client.seqs(roomId)).toEqual(upTo(total));
      expect(heardOrder(client, roomId)).toEqual(history);
    }
  }, 90_000);

  it("the end of one node loses nothing: its reader resumes on the other", async () => {
    const ending = await house.startNode();
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [writer, reader] = [await house.connect(north, ana), await house.connect(ending, ben)];
    writer.say(roomId, "one");
    await reader.next("message");
    await ending.close();
    await reader.closed();
    for (const text of ["two", "three"]) writer.say(roomId, text);
    await writer.next("ack", ({ seq }) => seq === 3);
    const again = await house.connect(south, ben);
    again.send({ t: "resume", cursors: [{ roomId, seq: 1, changeSeq: 0 }] });
    await again.next("caught_up");
    expect(again.seqs(roomId)).toEqual([2, 3]);
  });
});

describe("an announcement that is lost", () => {
  it("is found by the next one as a hole, and everything comes once and in order", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const reader = await house.connect(north, ben);
    for (const text of ["one", "two", "three"]) await appendUnannounced(roomId, ana.userId, text);
    const writer = await house.connect(south, ana);
    writer.say(roomId, "four");
    await reader.next("message", ({ message }) => message.seq === 4);
    expect(reader.seqs(roomId)).toEqual([1, 2, 3, 4]);
    expect(await north.metricsText()).toMatch(/realtime_gap_reads_total\{.*\} [1-9]/);
  });

  it("is found by the audit where nothing follows it", async () => {
    const watchful = await house.startNode({ limits: { auditIntervalMs: 500 } });
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const reader = await house.connect(watchful, ben);
    await appendUnannounced(roomId, ana.userId, "alone");
    expect((await reader.next("message")).message).toMatchObject({ seq: 1, text: "alone" });
  });
});

describe("redis goes away and comes back", () => {
  let proxy: TcpProxy;
  let behind: TestNode;

  beforeAll(async () => {
    proxy = await startTcpProxy(testEnv("ASH_TEST_REDIS_URL"));
    behind = await house.startNode({ redisUrl: proxy.through(testEnv("ASH_TEST_REDIS_URL")) });
  });
  afterAll(() => proxy.close());

  it("messages written meanwhile on either side reach everybody once and in order", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [here, there] = [await house.connect(behind, ana), await house.connect(south, ben)];
    here.say(roomId, "before");
    await there.next("message");
    proxy.cut();
    for (let index = 0; index < 10; index += 1) {
      here.say(roomId, `here ${index}`);
      there.say(roomId, `there ${index}`);
    }
    await waitFor(() => here.all("ack").length === 11 && there.all("ack").length === 10);
    proxy.heal();
    await waitFor(() => here.seqs(roomId).length === 21 && there.seqs(roomId).length === 21, { deadlineMs: 15_000 });
    here.say(roomId, "after");
    await there.next("message", ({ message }) => message.text === "after");
    for (const client of [here, there]) expect(client.seqs(roomId)).toEqual(upTo(22));
  });

  it("a session revoked and a member removed meanwhile are cut within two seconds", async () => {
    const [ana, ben, eve] = [await house.person(), await house.person(), await house.person()];
    const roomId = await house.group(ana, ben, eve);
    const [writer, signedOut, removed] = [
      await house.connect(behind, ana),
      await house.connect(behind, ben),
      await house.connect(behind, eve),
    ];
    proxy.cut();
    const now = Date.now();
    must(await house.database.stores.sessions.revoke(ben.userId, ben.sessionId, now));
    must(await house.database.stores.memberships.remove(roomId, eve.userId, now));
    must(await house.database.stores.rooms.touchMembers(roomId));
    expect(await signedOut.closed()).toBe(CLOSE_CODES.signedOut);
    expect(await removed.next("room")).toMatchObject({ roomId, event: "removed" });
    expect(Date.now() - now).toBeLessThan(2_000);
    writer.say(roomId, "among us");
    await writer.next("ack");
    removed.send({ t: "ping" });
    await removed.next("pong");
    expect(removed.all("message")).toEqual([]);
    proxy.heal();
  });

  it("who was added meanwhile is subscribed when it is back", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const client = await waitFor(() => house.connect(behind, ben).catch(() => null));
    proxy.cut();
    const roomId = await house.direct(ana, ben);
    proxy.heal();
    expect(await client.next("room")).toMatchObject({ roomId, event: "added" });
  });
});

async function appendUnannounced(
  roomId: RoomId,
  senderId: ReturnType<typeof newId<"usr">>,
  text: string,
): Promise<void> {
  const { writer } = house.database.stores;
  const ids = { messageId: newId("msg"), clientId: newClientId(), roomId, senderId };
  must(await writer.append({ ...ids, text, language: "en", sentAt: Date.now(), needs: [] }));
}
