import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { LIMITS } from "@ashchat/contracts/limits";
import { CLOSE_CODES, PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { openClient } from "@ashchat/realtime/testing/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../house/bystanders";
import { openHouse, type OpenHouse } from "../house/open-house";
import { call } from "../house/call";

let house: OpenHouse;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const portOf = () => Number(new URL(house.realtimeUrl).port);

/** The status of an upgrade with these headers, which may repeat a name as no browser would. */
function upgradeStatus(headers: Record<string, string | string[]>, path = "/realtime"): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      ...{ host: "127.0.0.1", port: portOf(), path },
      headers: {
        ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
        "sec-websocket-key": randomBytes(16).toString("base64"),
        ...headers,
      },
    });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("a page of another site opens no socket", () => {
  const foreign: readonly (readonly [string, (own: URL) => Record<string, string | string[]>])[] = [
    ["no origin", () => ({})],
    ["the null origin", () => ({ origin: "null" })],
    ["an empty origin", () => ({ origin: "" })],
    ["another site", () => ({ origin: "https://evil.example" })],
    ["another port", ({ hostname }) => ({ origin: `http://${hostname}:1` })],
    ["another scheme", ({ host }) => ({ origin: `https://${host}` })],
    ["our name as the beginning of another's", ({ origin }) => ({ origin: `${origin}.evil.example` })],
    ["our name as the end of another's", ({ host }) => ({ origin: `http://evil-${host}` })],
    ["a subdomain of ours", ({ host }) => ({ origin: `http://a.${host}` })],
    ["our name as a user's", ({ host }) => ({ origin: `http://${host}@evil.example` })],
    ["our origin with a path", ({ origin }) => ({ origin: `${origin}/` })],
    ["our origin in capitals", ({ origin }) => ({ origin: origin.toUpperCase() })],
    ["our address by number", ({ port }) => ({ origin: `http://127.0.0.1:${port}` })],
    ["our origin among others", ({ origin }) => ({ origin: `${origin}, https://evil.example` })],
    ["our origin after a foreign one", ({ origin }) => ({ origin: ["https://evil.example", origin] })],
    ["our origin as that of the older protocol", ({ origin }) => ({ "sec-websocket-origin": origin })],
    ["a full-width look-alike", ({ port }) => ({ origin: `http://xn--lcalhost-q2c:${port}` })],
  ];

  it.each(foreign)("with %s", async (_name, headers) => {
    expect(await upgradeStatus(headers(new URL(house.webUrl)))).toBe(403);
  });

  it("while a page of ours does", async () => {
    expect(await upgradeStatus({ origin: house.webUrl })).toBe(101);
  });

  it("and a session cookie alone opens none: without a ticket nothing is heard", async () => {
    const client = await openClient({ port: portOf(), origin: house.webUrl });
    client.send({ t: "ping" });
    expect(await client.closed()).toBe(CLOSE_CODES.ticketRefused);
    expect(client.frames).toEqual([]);
  });
});

describe("a ticket opens nothing", () => {
  async function codeFor(ticket: string): Promise<number> {
    const client = await openClient({ port: portOf(), origin: house.webUrl });
    client.send({ t: "auth", v: PROTOCOL_VERSION, ticket });
    return client.closed();
  }

  const wrong: readonly (readonly [string, (ticket: string) => string])[] = [
    ["that nobody issued", () => randomBytes(LIMITS.ticketBytes).toString("base64url")],
    ["that was cut", (ticket) => ticket.slice(0, -1)],
    ["that was lengthened", (ticket) => `${ticket}A`],
    ["in other letters", (ticket) => swapCase(ticket)],
    ["that is a pattern", () => "*".repeat(LIMITS.ticketBytes)],
    ["that breaks out of its key", (ticket) => `${ticket}\r\nFLUSHALL\r\n`],
    ["with white space around", (ticket) => ` ${ticket}`],
  ];

  it.each(wrong)("%s", async (_name, change) => {
    const person = await house.person();
    const ticket = await house.ticket(person);
    expect(await codeFor(change(ticket))).toBe(CLOSE_CODES.ticketRefused);
    // And what was made of it left the true one as it was.
    const client = await openClient({ port: portOf(), origin: house.webUrl });
    client.send({ t: "auth", v: PROTOCOL_VERSION, ticket });
    await client.ready();
    client.terminate();
  });

  it("a second time, and not at another process either", async () => {
    const ticket = await house.ticket(await house.person());
    const client = await openClient({ port: portOf(), origin: house.webUrl });
    client.send({ t: "auth", v: PROTOCOL_VERSION, ticket });
    await client.ready();
    client.terminate();
    for (const url of [house.realtimeUrl, house.quietRealtimeUrl]) {
      const again = await openClient({ port: Number(new URL(url).port), origin: house.webUrl });
      again.send({ t: "auth", v: PROTOCOL_VERSION, ticket });
      expect(await again.closed()).toBe(CLOSE_CODES.ticketRefused);
    }
  });

  it("of a session that has ended since, is another person's or never was", async () => {
    const [ana, ben, late] = [await house.person(), await house.person(), await house.person()];
    const expired = await house.session(late.userId, -1_000);
    const tickets = [await house.ticket(ana), await house.ticket({ ...ben, sessionId: ana.sessionId })];
    tickets.push(await house.ticket(expired));
    await call(house, "account.signOut", { cookie: ana.cookie });
    for (const ticket of tickets) expect(await codeFor(ticket)).toBe(CLOSE_CODES.signedOut);
  });

  it("that web would issue to nobody: a revoked session gets none", async () => {
    const ana = await house.person();
    await call(house, "account.signOut", { cookie: ana.cookie });
    expect(await call(house, "account.realtimeTicket", { cookie: ana.cookie })).toMatchObject({
      code: "session_revoked",
    });
  });
});

describe("a revocation cuts live sockets within two seconds, at every process", () => {
  it.each([
    [
      "signing out",
      (other: { sessionId: string }) => ["account.revokeSession", { sessionId: other.sessionId }] as const,
    ],
    ["signing out all others", () => ["account.revokeOtherSessions", {}] as const],
  ])("by %s", async (_name, how) => {
    const ana = await house.person();
    const other = await house.session(ana.userId);
    const sockets = [
      await connect(house, other),
      await connect({ ...house, realtimeUrl: house.quietRealtimeUrl }, other),
    ];
    const own = await connect(house, ana);
    const [path, input] = how(other);
    expect(await call(house, path, { cookie: ana.cookie, input })).toMatchObject({ code: null });
    const revokedAt = Date.now();
    for (const socket of sockets) expect(await socket.closed()).toBe(CLOSE_CODES.signedOut);
    expect(Date.now() - revokedAt).toBeLessThan(LIMITS.revocationDeadlineMs);
    expect(own.closeCode()).toBeNull();
    expect(await call(house, "account.me", { cookie: other.cookie })).toMatchObject({
      status: 401,
      code: "session_revoked",
    });
    own.terminate();
  });

  it("by removal from a room: what is sent afterwards is not heard", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.group(ana.userId, ben.userId);
    const [writer, removed] = [await connect(house, ana), await connect(house, ben)];
    await call(house, "room.removeMember", { cookie: ana.cookie, input: { roomId, userId: ben.userId } });
    const removedAt = Date.now();
    await removed.next("room", (frame) => frame.event === "removed");
    expect(Date.now() - removedAt).toBeLessThan(LIMITS.revocationDeadlineMs);
    const clientId = writer.say(roomId, "among ourselves");
    await writer.next("ack", (frame) => frame.clientId === clientId);
    removed.send({ t: "ping" });
    await removed.next("pong");
    expect(removed.all("message")).toEqual([]);
    for (const one of [writer, removed]) one.terminate();
  });
});

function swapCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()));
}
