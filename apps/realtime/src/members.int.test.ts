import type { RoomId } from "@ashchat/contracts/ids";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { addMember, leaveRoom, removeMember, renameRoom, type MembersDeps } from "@ashchat/core/rooms/members";
import { openDirect } from "@ashchat/core/rooms/open-direct";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must, startHarness, type Harness, type Person, type TestNode } from "./testing/harness";

let house: Harness;
let node: TestNode;

beforeAll(async () => {
  house = await startHarness();
  node = await house.startNode();
});
afterAll(() => house.close());

/** As web does it: in another process. */
function elsewhere(): MembersDeps & Parameters<typeof openDirect>[0] {
  return { ...house.database.stores, announcer: house.elsewhere.announcer, clock: { now: Date.now } };
}

const callerOf = ({ userId }: Person) => ({ userId, correlationId: "test-correlation" });

async function groupOfThree() {
  const [owner, member, other] = [await house.person(), await house.person(), await house.person()];
  const roomId = await house.group(owner, member, other);
  const clients = [
    await house.connect(node, owner),
    await house.connect(node, member),
    await house.connect(node, other),
  ] as const;
  return { owner, member, other, roomId, clients };
}

describe("a member who is removed", () => {
  it("is told at once and receives no later message, and the others go on", async () => {
    const { owner, member, roomId, clients } = await groupOfThree();
    const [ownerClient, memberClient, otherClient] = clients;
    const secondTab = await house.connect(node, member);
    ownerClient.say(roomId, "before");
    await memberClient.next("message");
    const startedAt = Date.now();
    must(await removeMember(elsewhere(), callerOf(owner), { roomId, userId: member.userId }));
    for (const tab of [memberClient, secondTab]) {
      expect(await tab.next("room")).toMatchObject({ roomId, event: "removed" });
    }
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await otherClient.next("room", ({ event }) => event === "updated");
    ownerClient.say(roomId, "after");
    await otherClient.next("message", ({ message }) => message.text === "after");
    const ref = memberClient.say(roomId, "still here?");
    expect(await memberClient.next("error")).toMatchObject({ code: "not_found", ref });
    for (const tab of [memberClient, secondTab]) expect(tab.seqs(roomId)).not.toContain(2);
    expect(memberClient.closeCode()).toBeNull();
  });

  it("receives no later message even where the announcement of the removal is lost", async () => {
    const { owner, member, roomId, clients } = await groupOfThree();
    const [ownerClient, memberClient, otherClient] = clients;
    const deaf = { ...elsewhere(), announcer: { announce: () => undefined } };
    must(await removeMember(deaf, callerOf(owner), { roomId, userId: member.userId }));
    // A sender elsewhere has read the new list of members; its announcement carries the new version.
    const otherNode = await house.startNode();
    const writer = await house.connect(otherNode, owner);
    writer.say(roomId, "secret");
    await otherClient.next("message", ({ message }) => message.text === "secret");
    await ownerClient.next("message");
    expect(await memberClient.next("room")).toMatchObject({ event: "removed" });
    expect(memberClient.all("message")).toEqual([]);
  });

  it("is cut off by the audit where nothing was ever announced", async () => {
    const watchful = await house.startNode({ limits: { revocationAuditMs: 300 } });
    const [owner, member] = [await house.person(), await house.person()];
    const roomId = await house.group(owner, member);
    const client = await house.connect(watchful, member);
    must(await house.database.stores.memberships.remove(roomId, member.userId, Date.now()));
    expect(await client.next("room")).toMatchObject({ roomId, event: "removed" });
  });

  it("who leaves by themselves is treated the same", async () => {
    const { member, roomId, clients } = await groupOfThree();
    must(await leaveRoom(elsewhere(), callerOf(member), { roomId }));
    expect(await clients[1].next("room")).toMatchObject({ event: "removed" });
    clients[0].say(roomId, "gone");
    await clients[2].next("message");
    expect(clients[1].all("message")).toEqual([]);
  });
});

describe("a member who is added", () => {
  it("is subscribed at once, reads from there on, and gets nothing older by a resume", async () => {
    const [owner, member, newcomer] = [await house.person(), await house.person(), await house.person()];
    const roomId = await house.group(owner, member);
    const [writer, client] = [await house.connect(node, owner), await house.connect(node, newcomer)];
    writer.say(roomId, "before");
    await writer.next("ack");
    must(await addMember(elsewhere(), callerOf(owner), { roomId, userId: newcomer.userId }));
    expect(await client.next("room")).toMatchObject({ roomId, event: "added" });
    writer.say(roomId, "after");
    await client.next("message", ({ message }) => message.text === "after");
    client.send({ t: "resume", cursors: [{ roomId, seq: 0, changeSeq: 0 }] });
    await client.next("caught_up");
    expect(client.seqs(roomId)).toEqual([2, 2]);
    client.say(roomId, "hello");
    expect(await client.next("ack")).toMatchObject({ seq: 3 });
  });

  it("after a removal reads nothing of the time between", async () => {
    const { owner, member, roomId, clients } = await groupOfThree();
    const [writer, client] = clients;
    must(await removeMember(elsewhere(), callerOf(owner), { roomId, userId: member.userId }));
    await client.next("room", ({ event }) => event === "removed");
    writer.say(roomId, "between");
    await writer.next("ack");
    must(await addMember(elsewhere(), callerOf(owner), { roomId, userId: member.userId }));
    await client.next("room", ({ event }) => event === "added");
    client.send({ t: "resume", cursors: [{ roomId, seq: 0, changeSeq: 0 }] });
    await client.next("caught_up");
    writer.say(roomId, "back");
    await client.next("message", ({ message }) => message.text === "back");
    expect(client.seqs(roomId)).toEqual([2]);
  });

  it("a direct room that one opens is there for both while they are connected", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const [one, other] = [await house.connect(node, ana), await house.connect(node, ben)];
    const opened = must(await openDirect(elsewhere(), callerOf(ana), { userId: ben.userId }));
    const roomId: RoomId = opened.roomId;
    for (const client of [one, other]) expect(await client.next("room")).toMatchObject({ roomId, event: "added" });
    one.say(roomId, "hello");
    await other.next("message");
  });

  it("a new title is told to all", async () => {
    const { owner, roomId, clients } = await groupOfThree();
    must(await renameRoom(elsewhere(), callerOf(owner), { roomId, title: "Other" }));
    for (const client of clients) expect(await client.next("room")).toMatchObject({ roomId, event: "updated" });
  });
});

describe("a session that is revoked", () => {
  it("closes its sockets within two seconds and leaves the person's other sessions alone", async () => {
    const ana = await house.person();
    const other = { userId: ana.userId, sessionId: await house.session(ana.userId) };
    const [stolen, tab, kept] = [
      await house.connect(node, ana),
      await house.connect(node, ana),
      await house.connect(node, other),
    ];
    const startedAt = Date.now();
    must(await house.database.stores.sessions.revoke(ana.userId, ana.sessionId, startedAt));
    house.elsewhere.announcer.announce({ kind: "session_revoked", ...ana });
    expect(await stolen.closed()).toBe(CLOSE_CODES.signedOut);
    expect(await tab.closed()).toBe(CLOSE_CODES.signedOut);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    kept.send({ t: "ping" });
    await kept.next("pong");
  });

  it("that expires while it is connected is closed", async () => {
    const ana = await house.person();
    const startedAt = Date.now();
    const client = await house.connect(node, { ...ana, sessionId: await house.session(ana.userId, 1_000) });
    expect(await client.closed()).toBe(CLOSE_CODES.signedOut);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_000);
  });
});

it("P15: who connects after a change that nobody announced is told of it, and a stranger is not", async () => {
  const [ana, ben, stranger] = [await house.person(), await house.person(), await house.person()];
  await house.direct(ana, ben);
  const changed = must(await house.database.stores.profiles.update(ben.userId, { name: "Benjamin" }, Date.now()));
  expect(changed?.name).toBe("Benjamin");
  const told = async (person: Person) => {
    const client = await house.connect(node, person);
    const profiles = client.all("ready")[0]?.changedProfiles?.profiles ?? [];
    return profiles.filter(({ userId }) => userId === ben.userId).map(({ name }) => name);
  };
  expect([await told(ana), await told(ben), await told(stranger)]).toEqual([["Benjamin"], ["Benjamin"], []]);
});
