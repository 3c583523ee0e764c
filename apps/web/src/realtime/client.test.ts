import "fake-indexeddb/auto";
import { newClientId, newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChatServer } from "./testing/chat-server";
import type { FakeClock } from "./testing/fake-clock";
import { atRest, createFakeClock, until } from "./testing/fake-clock";
import type { Browser, Tab } from "./testing/tabs";
import { createBrowser, openTab, openTabOnly } from "./testing/tabs";

let server: ChatServer;
let clock: FakeClock;
let browser: Browser;
let tabs: Tab[];

beforeEach(() => {
  server = new ChatServer();
  clock = createFakeClock();
  browser = createBrowser();
  tabs = [];
});
afterEach(async () => {
  for (const tab of tabs) tab.close();
  await atRest();
});

async function ana(): Promise<Tab> {
  const tab = await openTab({ server, clock, browser, userId: server.people[0] });
  tabs.push(tab);
  return tab;
}

const benWrites = (text: string) => server.write(server.people[1], text, newClientId());
const heardSends = () => server.heard.filter(({ frame }) => frame.t === "send");

describe("sending", () => {
  it("P1: shows queued at once, sent only after the acknowledgement", async () => {
    const tab = await ana();
    server.acksToLose = 1;
    server.silenced.add("message");
    expect(tab.client.send(server.roomId, " hola ").ok).toBe(true);
    expect(tab.conversation().pending.map(({ text, state }) => [text, state.kind])).toEqual([["hola", "queued"]]);
    await until(() => tab.conversation().pending[0]?.state.kind === "sending");
    await clock.advance(LIMITS.sendTimeoutMs - 1);
    expect(tab.conversation().pending[0]?.state.kind).toBe("sending");
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    await until(() => tab.conversation().pending[0]?.state.kind !== "sending");
    server.silenced.clear();
    await clock.advance(LIMITS.heldFramesMs * 2);
    expect(tab.conversation().pending).toEqual([]);
    expect(tab.texts()).toEqual(["hola"]);
  });

  it("P2: a lost acknowledgement sends the same clientId again and shows one message", async () => {
    const tab = await ana();
    server.acksToLose = 1;
    server.silenced.add("message");
    tab.client.send(server.roomId, "once");
    await until(() => heardSends().length === 1);
    server.silenced.clear();
    await clock.advance(LIMITS.sendTimeoutMs + LIMITS.reconnectDelayMaxMs);
    const ids = heardSends().map(({ frame }) => (frame.t === "send" ? frame.clientId : null));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(server.messages).toHaveLength(1);
    expect(tab.texts()).toEqual(["once"]);
  });

  it("P2: acknowledgement, frame, history and resume of one message are one bubble at every moment", async () => {
    const tab = await ana();
    const seen: (string | null)[][] = [];
    tab.client.subscribe(() => seen.push(tab.texts()));
    tab.client.send(server.roomId, "one");
    await until(() => tab.conversation().messages.length === 1);
    tab.client.loadOlder(server.roomId);
    server.cut();
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    server.push({ t: "message", roomId: server.roomId, message: server.messages[0] ?? benWrites("") });
    await atRest();
    expect(seen.every((texts) => texts.length <= 1)).toBe(true);
    expect(tab.texts()).toEqual(["one"]);
  });

  it("refuses at once what the server would refuse, with its reason", async () => {
    const tab = await ana();
    expect(tab.client.send(server.roomId, " \n ")).toMatchObject({ ok: false, error: { code: "text_empty" } });
    const long = "a".repeat(LIMITS.messageCodePointsMax + 1);
    expect(tab.client.send(server.roomId, long)).toMatchObject({ ok: false, error: { code: "text_too_long" } });
    expect(tab.conversation().pending).toEqual([]);
  });

  it("P3: goes over HTTP while the socket is down and back, in the order of writing", async () => {
    const tab = await ana();
    tab.client.send(server.roomId, "1");
    await until(() => tab.conversation().messages.length === 1);
    server.isSocketUp = false;
    server.cut();
    for (const text of ["2", "3", "4"]) tab.client.send(server.roomId, text);
    await until(() => server.messages.length === 4, "HTTP took them");
    server.isSocketUp = true;
    for (const text of ["5", "6"]) tab.client.send(server.roomId, text);
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    await until(() => server.messages.length === 6, "the rest arrived");
    expect(server.messages.map(({ text }) => text)).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(new Set(heardSends().map(({ by }) => by))).toEqual(new Set(["socket", "http"]));
    await until(() => tab.conversation().pending.length === 0);
    expect(tab.texts()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("a socket that dies under a send leaves the rest of the way to HTTP, at once and once", async () => {
    const tab = await ana();
    server.sendsToLose = 1;
    tab.client.send(server.roomId, "cut");
    await until(() => heardSends().length === 1);
    server.isSocketUp = false;
    server.cut();
    await clock.advance(0);
    expect(heardSends().map(({ by }) => by)).toEqual(["socket", "http"]);
    expect(server.messages).toHaveLength(1);
    await until(() => tab.texts().length === 1);
    expect(tab.conversation().pending).toEqual([]);
  });
});

describe("hearing", () => {
  it("P9: one's own message is read, for the server as well, so that it is not unread after a new start", async () => {
    const tab = await ana();
    benWrites("hola");
    tab.client.send(server.roomId, "hello");
    await until(() => tab.texts().length === 2);
    await clock.advance(LIMITS.receiptIntervalMs);
    expect(server.marks.get(server.people[0])).toEqual({ deliveredSeq: 2, readSeq: 2 });
    const reads = server.heard.filter(({ frame }) => frame.t === "read");
    await clock.advance(LIMITS.receiptIntervalMs * 5);
    expect(server.heard.filter(({ frame }) => frame.t === "read")).toEqual(reads);
  });

  it("P4: a lost frame is asked for after a while and nothing is shown twice or out of order", async () => {
    const tab = await ana();
    benWrites("1");
    server.silenced.add("message");
    benWrites("2");
    server.silenced.clear();
    benWrites("3");
    await atRest();
    expect(tab.texts()).toEqual(["1"]);
    await clock.advance(LIMITS.heldFramesMs + 1_000);
    expect(tab.texts()).toEqual(["1", "2", "3"]);
  });

  it("P4: after a cut everything that was missed comes with the resume", async () => {
    const tab = await ana();
    server.cut();
    for (const text of ["1", "2", "3"]) benWrites(text);
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    expect(tab.texts()).toEqual(["1", "2", "3"]);
    expect(tab.client.getSnapshot().connection.status).toBe("live");
  });

  it("P14: says polling while only HTTP answers, and shows what comes", async () => {
    const tab = await ana();
    server.isSocketUp = false;
    server.cut();
    await clock.advance(LIMITS.fallbackPollMs);
    expect(tab.client.getSnapshot().connection.status).toBe("polling");
    benWrites("by poll");
    await clock.advance(LIMITS.fallbackPollMs);
    expect(tab.texts()).toEqual(["by poll"]);
  });

  it("P14: says offline while nothing answers, and live again by itself", async () => {
    const tab = await ana();
    server.isSocketUp = false;
    server.isHttpUp = false;
    server.cut();
    await clock.advance(LIMITS.fallbackPollMs);
    expect(tab.client.getSnapshot().connection).toMatchObject({ status: "offline" });
    server.isSocketUp = true;
    server.isHttpUp = true;
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    expect(tab.client.getSnapshot().connection.status).toBe("live");
  });

  it("P13: a revoked session stops everything and keeps what is unsent", async () => {
    const tab = await ana();
    server.cut(CLOSE_CODES.signedOut);
    tab.client.send(server.roomId, "for later");
    await clock.advance(LIMITS.reconnectDelayMaxMs * 2);
    expect(tab.client.getSnapshot().connection.status).toBe("signed_out");
    expect(server.openLines).toBe(0);
    expect(server.messages).toEqual([]);
    expect(tab.conversation().pending.map(({ state }) => state.kind)).toEqual(["queued"]);
  });

  it("keeps the identity of whatever did not change", async () => {
    const tab = await ana();
    benWrites("1");
    await atRest();
    const before = tab.client.getSnapshot();
    server.push({ t: "presence", presence: { userId: server.people[1], online: true, lastSeenAt: null } });
    await atRest();
    const after = tab.client.getSnapshot();
    expect(after).not.toBe(before);
    expect(after.rooms).toBe(before.rooms);
    expect(after.conversations).toBe(before.conversations);
    expect(after.people).toBe(before.people);
    expect(tab.client.getSnapshot()).toBe(after);
  });

  it("shows who is typing until their time is over", async () => {
    const tab = await ana();
    server.push({ t: "typing", roomId: server.roomId, userId: server.people[1] });
    expect(tab.conversation().typing).toEqual([server.people[1]]);
    await clock.advance(LIMITS.typingTtlMs + 1_000);
    expect(tab.conversation().typing).toEqual([]);
  });
});

describe("rooms that came with the page", () => {
  it("are shown before anything was asked, ask for nothing by themselves, and what came after them comes once", async () => {
    benWrites("in the page");
    const firstRooms = [server.room(server.people[0])];
    benWrites("after the page");
    const tab = openTabOnly({ server, clock, browser, userId: server.people[0], firstRooms });
    tabs.push(tab);
    const { rooms, roomsStatus } = tab.client.getSnapshot();
    expect(rooms.map(({ roomId, name, lastMessage }) => [roomId, name, lastMessage?.text])).toEqual([
      [server.roomId, server.names[1], "in the page"],
    ]);
    expect([roomsStatus, server.heard]).toEqual(["loading", []]);
    await until(() => tab.client.getSnapshot().connection.status === "live");
    await until(() => tab.texts().length === 2);
    expect(tab.texts()).toEqual(["in the page", "after the page"]);
    expect(tab.client.getSnapshot().roomsStatus).toBe("ready");
    expect(tab.client.getSnapshot().rooms).toHaveLength(1);
  });

  it("are gone with the first list that does not have them", async () => {
    const gone = { ...server.room(server.people[0]), roomId: newId("room") };
    const tab = openTabOnly({ server, clock, browser, userId: server.people[0], firstRooms: [gone] });
    tabs.push(tab);
    expect(tab.client.getSnapshot().rooms.map(({ roomId }) => roomId)).toEqual([gone.roomId]);
    await until(() => tab.client.getSnapshot().roomsStatus === "ready");
    await atRest();
    expect(tab.client.getSnapshot().rooms.map(({ roomId }) => roomId)).toEqual([server.roomId]);
  });
});

describe("an open room", () => {
  function write(count: number): void {
    for (let seq = 1; seq <= count; seq += 1) benWrites(String(seq));
  }

  it("shows the newest page, grows by pages, and remembers where reading began", async () => {
    write(120);
    server.mark(server.people[0], { deliveredSeq: 120, readSeq: 90 });
    const tab = await ana();
    await until(() => tab.conversation().messages.length >= 50);
    tab.client.loadOlder(server.roomId);
    tab.client.loadOlder(server.roomId);
    await until(() => !tab.conversation().isLoadingOlder);
    expect(tab.conversation().messages.at(-1)?.seq).toBe(120);
    expect(tab.conversation().messages.length).toBeLessThan(120);
    expect(tab.client.getSnapshot().rooms[0]?.unread).toBe(30);
    tab.client.markRead(server.roomId, 120);
    expect(tab.conversation()).toMatchObject({ openedReadSeq: 90, readSeq: 120 });
  });

  it("opens around a message far back and comes back to the end", async () => {
    write(400);
    server.mark(server.people[0], { deliveredSeq: 400, readSeq: 400 });
    const tab = await ana();
    expect(await tab.client.loadAround(server.roomId, 100)).toBe(100);
    expect(tab.conversation().hasNewer).toBe(true);
    expect(tab.conversation().messages.some(({ seq }) => seq === 100)).toBe(true);
    benWrites("live");
    tab.client.jumpToLatest(server.roomId);
    expect(tab.conversation().hasNewer).toBe(false);
    expect(tab.conversation().messages.at(-1)?.seq).toBe(401);
  });

  it("reading on from far back reaches the end without a hole", async () => {
    write(300);
    server.mark(server.people[0], { deliveredSeq: 300, readSeq: 300 });
    const tab = await ana();
    await tab.client.loadAround(server.roomId, 100);
    for (let page = 0; page < 10 && tab.conversation().hasNewer; page += 1) {
      tab.client.loadNewer(server.roomId);
      await until(() => !tab.conversation().isLoadingNewer);
    }
    const seqs = tab.conversation().messages.map(({ seq }) => seq);
    expect(seqs.at(-1)).toBe(300);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  });

  it("asks for translations of what is in view together, at most 50 at once, and not twice", async () => {
    write(60);
    const tab = await ana();
    const all = tab.conversation().messages.map(({ seq }) => seq);
    tab.client.requestTranslation(server.roomId, all.slice(0, 30));
    tab.client.requestTranslation(server.roomId, all);
    await clock.advance(2_000);
    tab.client.requestTranslation(server.roomId, all);
    await clock.advance(2_000);
    expect(server.translated.every((seqs) => seqs.length <= LIMITS.translateOnViewMessagesMax)).toBe(true);
    expect(server.translated.flat().toSorted((a, b) => a - b)).toEqual(all);
  });

  it("says at most one typing frame in three seconds", async () => {
    const tab = await ana();
    for (let key = 0; key < 20; key += 1) {
      tab.client.typing(server.roomId);
      await clock.advance(100);
    }
    await clock.advance(LIMITS.typingIntervalMs);
    tab.client.typing(server.roomId);
    await atRest();
    expect(server.heard.filter(({ frame }) => frame.t === "typing")).toHaveLength(2);
  });

  it("a room that is not one's own says so", async () => {
    const tab = await ana();
    const elsewhere = new ChatServer().roomId;
    tab.client.openRoom(elsewhere);
    await tab.client.refreshRooms();
    expect(tab.client.getSnapshot().conversations.get(elsewhere)).toMatchObject({
      status: "failed",
      error: "not_found",
    });
  });

  it("after a change of language nothing of the old one is shown", async () => {
    const first = benWrites("hello");
    const translation = { status: "done", language: "es", revision: 1, text: "hola", engine: "test", at: 1 } as const;
    server.messages[0] = { ...first, version: 2, translation };
    const tab = await ana();
    await until(() => tab.conversation().messages[0]?.translation?.status === "done");
    server.messages[0] = { ...first, version: 3, translation: null };
    const me = server.me(server.people[0]);
    tab.client.setMe({ ...me, profile: { ...me.profile, language: "fr" } });
    await atRest();
    expect(tab.conversation().messages[0]?.translation).toBeNull();
  });
});

it("P15: shows names and oneself as they were changed while it was away", async () => {
  const tab = await ana();
  const names = () => [...tab.client.getSnapshot().people.values()].map(({ name }) => name);
  server.cut();
  server.names[0] = "Ana María";
  server.names[1] = "Benjamin";
  await clock.advance(LIMITS.reconnectDelayMaxMs);
  expect(tab.client.getSnapshot().connection.status).toBe("live");
  await clock.advance(LIMITS.namesCatchUpMs);
  await atRest();
  expect(names()).toEqual(["Ana María", "Benjamin"]);
  expect(tab.client.getSnapshot().me.profile.name).toBe("Ana María");
});

it("starts again after a stop, as a page does that comes back", async () => {
  const tab = await ana();
  tab.client.stop();
  benWrites("meanwhile");
  tab.client.start();
  await until(() => tab.client.getSnapshot().connection.status === "live");
  await atRest();
  expect(tab.texts()).toEqual(["meanwhile"]);
});

it("shows rooms although the socket never comes", async () => {
  server.isSocketUp = false;
  benWrites("hello");
  const tab = openTabOnly({ server, clock, browser, userId: server.people[0] });
  tabs.push(tab);
  await until(() => tab.client.getSnapshot().roomsStatus === "ready");
  await clock.advance(LIMITS.fallbackPollMs * 2);
  expect(tab.texts()).toEqual(["hello"]);
});
