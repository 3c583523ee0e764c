import { LIMITS } from "@ashchat/contracts/limits";
import { newId } from "@ashchat/contracts/ids";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient, refusedStatus } from "./testing/client";
import { ORIGIN, startHarness, type Harness, type TestNode } from "./testing/harness";

let house: Harness;
let node: TestNode;

beforeAll(async () => {
  house = await startHarness();
  node = await house.startNode();
});
afterAll(() => house.close());

/** A node of its own with other bounds. */
const nodeWith = (limits: Partial<typeof LIMITS> | Record<string, number>) => house.startNode({ limits });

describe("the upgrade", () => {
  it.each([
    ["a foreign origin", { origin: "https://evil.example" }, 403],
    ["an origin that only begins like ours", { origin: `${ORIGIN}.evil.example` }, 403],
    ["the null origin", { origin: "null" }, 403],
    ["no origin", {}, 403],
    ["another path", { origin: ORIGIN, path: "/" }, 404],
  ])("refuses %s", async (_name, options, status) => {
    expect(await refusedStatus({ port: node.port, ...options })).toBe(status);
  });

  it("answers a plain request without serving anything", async () => {
    const response = await fetch(`http://127.0.0.1:${node.port}/realtime`);
    expect(response.status).toBe(426);
  });

  it("refuses one socket too many from an address, and takes it when another has gone", async () => {
    const small = await nodeWith({ connectionsPerAddressMax: 2 });
    const first = await openClient({ port: small.port, origin: ORIGIN });
    await openClient({ port: small.port, origin: ORIGIN });
    expect(await refusedStatus({ port: small.port, origin: ORIGIN })).toBe(429);
    first.terminate();
    await first.closed();
    await expect
      .poll(() =>
        openClient({ port: small.port, origin: ORIGIN }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  it("refuses everybody when the process is full", async () => {
    const small = await nodeWith({ connectionsPerProcessMax: 1 });
    await openClient({ port: small.port, origin: ORIGIN });
    expect(await refusedStatus({ port: small.port, origin: ORIGIN })).toBe(503);
  });
});

describe("the first frame", () => {
  it("must come in time: a socket without a ticket is closed", async () => {
    const impatient = await nodeWith({ authDeadlineMs: 600 });
    const client = await openClient({ port: impatient.port, origin: ORIGIN });
    const openedAt = Date.now();
    expect(await client.closed()).toBe(CLOSE_CODES.ticketRefused);
    expect(Date.now() - openedAt).toBeLessThan(900);
  });

  it("must be a ticket: any other frame before it closes, and nothing is answered", async () => {
    const client = await openClient({ port: node.port, origin: ORIGIN });
    client.send({ t: "ping" });
    expect(await client.closed()).toBe(CLOSE_CODES.ticketRefused);
    expect(client.frames).toEqual([]);
  });

  it.each([
    ["no JSON", "hello"],
    ["an unknown frame", JSON.stringify({ t: "hello" })],
    ["another version of the protocol", JSON.stringify({ t: "auth", v: 99, ticket: "x".repeat(43) })],
    ["a ticket with more in it", JSON.stringify({ t: "auth", v: 1, ticket: "x".repeat(43), admin: true })],
  ])("closes on %s", async (_name, data) => {
    const client = await openClient({ port: node.port, origin: ORIGIN });
    client.sendRaw(data);
    expect(await client.closed()).toBe(CLOSE_CODES.malformed);
  });
});

describe("a ticket", () => {
  async function codeFor(ticket: string): Promise<number> {
    const client = await openClient({ port: node.port, origin: ORIGIN });
    client.send({ t: "auth", v: 1, ticket });
    return await client.closed();
  }

  it("opens the socket once: the second use is refused", async () => {
    const ana = await house.person();
    const ticket = await house.ticket(ana);
    const client = await openClient({ port: node.port, origin: ORIGIN });
    client.send({ t: "auth", v: 1, ticket });
    expect(await client.next("ready")).toMatchObject({ userId: ana.userId, sessionId: ana.sessionId, rooms: [] });
    expect(await codeFor(ticket)).toBe(CLOSE_CODES.ticketRefused);
    expect(client.closeCode()).toBeNull();
  });

  it("of two who use it at once exactly one gets in", async () => {
    const ticket = await house.ticket(await house.person());
    const clients = await Promise.all([1, 2].map(() => openClient({ port: node.port, origin: ORIGIN })));
    for (const client of clients) client.send({ t: "auth", v: 1, ticket });
    await expect
      .poll(() => clients.map((client) => client.closeCode() ?? client.all("ready").length).toSorted((a, b) => a - b))
      .toEqual([1, CLOSE_CODES.ticketRefused]);
  });

  it("that nobody issued is refused", async () => {
    expect(await codeFor("x".repeat(43))).toBe(CLOSE_CODES.ticketRefused);
  });

  it("of a session that is revoked, expired, unknown or another person's says: signed out", async () => {
    const { stores } = house.database;
    const [revoked, expired, other] = await Promise.all([house.person(), house.person(), house.person()]);
    await stores.sessions.revoke(revoked.userId, revoked.sessionId, Date.now());
    const late = newId("ses");
    const long = Date.now() - 1_000;
    await stores.sessions.insert({
      sessionId: late,
      userId: expired.userId,
      device: { name: "Test", os: "Test" },
      createdAt: long,
      lastSeenAt: long,
      expiresAt: long,
      revokedAt: null,
    });
    const tickets = [
      await house.ticket(revoked),
      await house.ticket({ userId: expired.userId, sessionId: late }),
      await house.ticket({ userId: expired.userId, sessionId: newId("ses") }),
      await house.ticket({ userId: expired.userId, sessionId: other.sessionId }),
    ];
    for (const ticket of tickets) expect(await codeFor(ticket)).toBe(CLOSE_CODES.signedOut);
  });
});

describe("bad clients", () => {
  it("a frame of more than 64 KiB closes that socket with 1009 and nobody else's", async () => {
    const [ana, ben] = await Promise.all([house.person(), house.person()]);
    const [large, other] = await Promise.all([house.connect(node, ana), house.connect(node, ben)]);
    large.sendRaw("x".repeat(LIMITS.frameBytesMax + 1));
    expect(await large.closed()).toBe(CLOSE_CODES.tooLarge);
    other.send({ t: "ping" });
    await other.next("pong");
  });

  it("malformed, unknown and binary frames are answered, the third one closes", async () => {
    const client = await house.connect(node, await house.person());
    client.sendRaw("{");
    client.sendRaw(JSON.stringify({ t: "dance" }));
    await client.next("error");
    client.send({ t: "ping" });
    await client.next("pong");
    expect(client.closeCode()).toBeNull();
    client.sendRaw(Buffer.from([1, 2, 3]), true);
    expect(await client.closed()).toBe(CLOSE_CODES.malformed);
    expect(client.all("error").map((error) => error.code)).toEqual(Array(3).fill("frame_malformed"));
  });

  it("a flood is first refused with a time to wait, then closed", async () => {
    const small = await nodeWith({ framesBurst: 5, framesPerSecond: 1 });
    const client = await house.connect(small, await house.person());
    for (let index = 0; index < 8; index += 1) client.send({ t: "ping" });
    const refused = await client.next("error");
    expect(refused).toMatchObject({ code: "rate_limited", retryable: true });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(client.all("pong")).toHaveLength(5);
    for (let index = 0; index < 8; index += 1) client.send({ t: "ping" });
    expect(await client.closed()).toBe(CLOSE_CODES.flooded);
  });

  it("two sockets of a person share one bucket", async () => {
    const small = await nodeWith({ framesBurst: 6, framesPerSecond: 0.01 });
    const ana = await house.person();
    const [phone, laptop] = [await house.connect(small, ana), await house.connect(small, ana)];
    for (let index = 0; index < 4; index += 1) phone.send({ t: "ping" });
    await expect.poll(() => phone.all("pong").length).toBe(4);
    for (let index = 0; index < 4; index += 1) laptop.send({ t: "ping" });
    await laptop.next("error");
    expect(laptop.all("pong")).toHaveLength(2);
  });

  it("a silent client is closed after the heartbeat window, one that pings is not", async () => {
    const strict = await nodeWith({ heartbeatDeadlineMs: 1_000 });
    const [silent, alive] = await Promise.all([
      house.connect(strict, await house.person()),
      house.connect(strict, await house.person()),
    ]);
    const pings = setInterval(() => alive.send({ t: "ping" }), 200);
    expect(await silent.closed()).toBe(CLOSE_CODES.silent);
    clearInterval(pings);
    expect(alive.closeCode()).toBeNull();
  });

  it("one connection too many of a person replaces the oldest", async () => {
    const small = await nodeWith({ connectionsPerUserMax: 2 });
    const ana = await house.person();
    const first = await house.connect(small, ana);
    const second = await house.connect(small, ana);
    await house.connect(small, ana);
    expect(await first.closed()).toBe(CLOSE_CODES.replaced);
    expect(second.closeCode()).toBeNull();
  });
});
