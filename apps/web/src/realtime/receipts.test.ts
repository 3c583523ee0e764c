import "fake-indexeddb/auto";
import { newClientId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { afterEach, beforeEach, expect, it } from "vitest";
import { messageStatus } from "./message-status";
import { ChatServer } from "./testing/chat-server";
import type { FakeClock } from "./testing/fake-clock";
import { atRest, createFakeClock, until } from "./testing/fake-clock";
import type { Tab } from "./testing/tabs";
import { createBrowser, openTab } from "./testing/tabs";

let server: ChatServer;
let clock: FakeClock;
let tab: Tab;

beforeEach(async () => {
  server = new ChatServer();
  clock = createFakeClock();
  tab = await openTab({ server, clock, browser: createBrowser(), userId: server.people[0] });
});
afterEach(async () => {
  tab.close();
  await atRest();
});

const benWrites = (text: string) => server.write(server.people[1], text, newClientId());
const marksTold = () =>
  server.heard.filter(({ frame }) => frame.t === "delivered" || frame.t === "read").map(({ frame }) => frame);

it("P9: delivered is told only up to a hole, and after it was filled", async () => {
  benWrites("1");
  server.silenced.add("message");
  benWrites("2");
  server.silenced.clear();
  benWrites("3");
  await clock.advance(LIMITS.receiptIntervalMs);
  expect(server.marks.get(server.people[0])?.deliveredSeq).toBe(1);
  await clock.advance(LIMITS.heldFramesMs + LIMITS.receiptIntervalMs);
  expect(server.marks.get(server.people[0])?.deliveredSeq).toBe(3);
});

it("at most one a second and room goes out, the last value counts", async () => {
  for (let count = 1; count <= 20; count += 1) {
    benWrites(String(count));
    await clock.advance(50);
  }
  await clock.advance(LIMITS.receiptIntervalMs);
  expect(marksTold().length).toBeLessThanOrEqual(3);
  expect(marksTold().at(-1)).toMatchObject({ t: "delivered", seq: 20 });
});

it("over HTTP a room's marks go no more often than its polls, and at once when the socket is back", async () => {
  server.isSocketUp = false;
  server.cut();
  await clock.advance(LIMITS.fallbackPollMs);
  server.marksByHttp = 0;
  const POLLS = 4;
  for (let second = 0; second < (POLLS * LIMITS.fallbackPollMs) / 1_000; second += 1) {
    benWrites(String(second));
    tab.client.markRead(server.roomId, second);
    await clock.advance(1_000);
  }
  expect(server.marksByHttp).toBeGreaterThan(1);
  expect(server.marksByHttp).toBeLessThanOrEqual(POLLS + 1);
  benWrites("last");
  server.isSocketUp = true;
  tab.client.reconnectNow();
  await clock.advance(LIMITS.receiptIntervalMs);
  expect(server.marks.get(server.people[0])?.deliveredSeq).toBe(server.messages.length);
});

it("P9: read is told only for an open room, a visible page, and not beyond what is here", async () => {
  benWrites("1");
  await atRest();
  tab.signals.set({ visible: false });
  tab.client.markRead(server.roomId, 1);
  await clock.advance(LIMITS.receiptIntervalMs * 2);
  expect(server.marks.get(server.people[0])?.readSeq).toBe(0);
  tab.signals.set({ visible: true });
  tab.client.markRead(server.roomId, 99);
  await clock.advance(LIMITS.receiptIntervalMs * 2);
  expect(server.marks.get(server.people[0])?.readSeq).toBe(1);
  expect(tab.client.getSnapshot().rooms[0]?.unread).toBe(0);
});

it("a mark that waits for its turn is told when the page is hidden, for it may be closed", async () => {
  benWrites("1");
  await atRest();
  benWrites("2");
  tab.client.markRead(server.roomId, 2);
  await atRest();
  expect(server.marks.get(server.people[0])?.readSeq).toBe(0);
  tab.signals.set({ visible: false });
  await atRest();
  expect(server.marks.get(server.people[0])?.readSeq).toBe(2);
});

it("marks that a cut swallowed are told again", async () => {
  benWrites("1");
  server.silenced.add("receipts");
  await atRest();
  server.isSocketUp = false;
  server.isHttpUp = false;
  server.cut();
  tab.client.markRead(server.roomId, 1);
  await clock.advance(LIMITS.receiptIntervalMs);
  server.isSocketUp = true;
  server.isHttpUp = true;
  await clock.advance(LIMITS.reconnectDelayMaxMs);
  expect(server.marks.get(server.people[0])?.readSeq).toBe(1);
});

it("over HTTP no mark goes while an earlier one is on its way, however slow the server is, and the last value comes through", async () => {
  server.isSocketUp = false;
  server.cut();
  await clock.advance(LIMITS.fallbackPollMs);
  server.marksByHttp = 0;
  const answerMarks = server.holdMarks();
  for (let count = 1; count <= 4; count += 1) {
    benWrites(String(count));
    await clock.advance(LIMITS.fallbackPollMs);
  }
  expect(server.marksByHttp).toBe(1);
  answerMarks();
  await clock.advance(LIMITS.fallbackPollMs);
  expect(server.marks.get(server.people[0])?.deliveredSeq).toBe(4);
});

it("over HTTP what was read is told when the page is left, without waiting for the next poll", async () => {
  server.isSocketUp = false;
  server.cut();
  benWrites("1");
  await clock.advance(LIMITS.fallbackPollMs + 1_000);
  tab.client.markRead(server.roomId, 1);
  await atRest();
  expect(server.marks.get(server.people[0])?.readSeq).toBe(0);
  tab.signals.set({ visible: false });
  await atRest();
  expect(server.marks.get(server.people[0])?.readSeq).toBe(1);
});

it("one's own mark counts as told where it comes back among those of others", async () => {
  const [ana, ben] = server.people;
  server.silenced.add("receipts");
  benWrites("1");
  await clock.advance(LIMITS.receiptIntervalMs);
  server.silenced.clear();
  const marks = [ben, ana].map((userId) => ({ userId, deliveredSeq: 1, readSeq: 0 }));
  server.push({ t: "receipts", roomId: server.roomId, marks });
  server.isSocketUp = false;
  server.cut();
  await clock.advance(LIMITS.fallbackPollMs * 3);
  expect(server.marksByHttp).toBe(0);
});

it("P9: an own message beyond a hole raises no mark before what lies between is here", async () => {
  tab.client.send(server.roomId, "1");
  await until(() => tab.conversation().messages.length === 1);
  server.silenced.add("message");
  benWrites("2");
  benWrites("3");
  tab.client.send(server.roomId, "4");
  await until(() => server.messages.length === 4);
  await clock.advance(LIMITS.receiptIntervalMs);
  const marks = () => server.marks.get(server.people[0]);
  expect(tab.conversation().messages).toHaveLength(1);
  expect(marks()).toEqual({ deliveredSeq: 1, readSeq: 1 });
  expect(tab.conversation().readSeq).toBe(1);
  await clock.advance(LIMITS.heldFramesMs + LIMITS.receiptIntervalMs);
  expect(tab.conversation().messages).toHaveLength(4);
  expect(marks()).toEqual({ deliveredSeq: 4, readSeq: 4 });
});

it("an own message that comes together with later ones is told as read, too", async () => {
  server.silenced.add("message");
  server.acksToLose = 1;
  tab.client.send(server.roomId, "1");
  await until(() => server.messages.length === 1);
  benWrites("2");
  server.silenced.clear();
  server.cut();
  tab.client.reconnectNow();
  await until(() => tab.conversation().messages.length === 2);
  await clock.advance(LIMITS.receiptIntervalMs * 2);
  expect(server.marks.get(server.people[0])).toEqual({ deliveredSeq: 2, readSeq: 1 });
});

it("one's own message climbs from sent to delivered to read with the other's marks", async () => {
  tab.client.send(server.roomId, "seen?");
  await until(() => tab.conversation().messages.length === 1);
  const status = () => {
    const { messages, members } = tab.conversation();
    const [message] = messages;
    return message === undefined ? null : messageStatus(message, members, server.people[0]);
  };
  expect(status()).toMatchObject({ status: "sent", others: 1 });
  server.mark(server.people[1], { deliveredSeq: 1, readSeq: 0 });
  expect(status()).toMatchObject({ status: "delivered", deliveredTo: 1 });
  server.mark(server.people[1], { deliveredSeq: 1, readSeq: 1 });
  expect(status()).toMatchObject({ status: "read", readBy: 1 });
});

/** The server says whose profile changed, so that nothing is fetched for the names. */
async function away(meanwhile: () => void) {
  server.changedProfiles = { since: 0, profiles: [] };
  server.isSocketUp = false;
  server.isHttpUp = false;
  server.cut();
  meanwhile();
  await clock.advance(1_000);
  server.isSocketUp = true;
  server.isHttpUp = true;
  tab.client.reconnectNow();
  await until(() => tab.client.getSnapshot().connection.status === "live");
  server.roomsAsked = 0;
}

const benReads = (seq: number) => server.mark(server.people[1], { deliveredSeq: seq, readSeq: seq });
const readByBen = () => tab.conversation().members.find(({ userId }) => userId === server.people[1])?.readSeq;

it("P15: what others marked during an absence is known soon after it, for one fetch", async () => {
  tab.client.send(server.roomId, "seen?");
  await until(() => tab.conversation().messages.length === 1);
  await away(() => benReads(1));
  await clock.advance(LIMITS.namesCatchUpMs);
  expect(readByBen()).toBe(1);
  tab.client.send(server.roomId, "and this?");
  await clock.advance(LIMITS.namesCatchUpMs);
  expect(server.roomsAsked).toBe(1);
});

it("P15: what others marked during an absence is known when their room is opened after it", async () => {
  tab.client.send(server.roomId, "seen?");
  await until(() => tab.conversation().messages.length === 1);
  tab.client.closeRoom(server.roomId);
  await away(() => benReads(1));
  await clock.advance(LIMITS.namesCatchUpMs);
  expect(server.roomsAsked).toBe(0);
  tab.client.openRoom(server.roomId);
  await atRest();
  expect(readByBen()).toBe(1);
});

it("after an absence nothing is fetched where everybody has read one's own messages", async () => {
  tab.client.send(server.roomId, "seen?");
  await until(() => tab.conversation().messages.length === 1);
  benReads(1);
  await away(() => benWrites("yes"));
  await clock.advance(LIMITS.namesCatchUpMs);
  expect(tab.conversation().messages).toHaveLength(2);
  expect(server.roomsAsked).toBe(0);
});

it("a client that stops in the meantime fetches nothing", async () => {
  tab.client.send(server.roomId, "seen?");
  await until(() => tab.conversation().messages.length === 1);
  await away(() => benReads(1));
  tab.close();
  await clock.advance(LIMITS.namesCatchUpMs);
  expect(server.roomsAsked).toBe(0);
});
