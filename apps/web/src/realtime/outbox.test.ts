import "fake-indexeddb/auto";
import { LIMITS } from "@ashchat/contracts/limits";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openIndexedDbStore } from "./outbox-store";
import { ChatServer } from "./testing/chat-server";
import type { FakeClock } from "./testing/fake-clock";
import { atRest, createFakeClock, until } from "./testing/fake-clock";
import type { Browser, Tab, TabOptions } from "./testing/tabs";
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

async function ana(options: Partial<TabOptions> = {}): Promise<Tab> {
  const tab = await openTab({ server, clock, browser, userId: server.people[0], ...options });
  tabs.push(tab);
  return tab;
}

function anaOffline(options: Partial<TabOptions> = {}): Tab {
  server.isSocketUp = false;
  server.isHttpUp = false;
  const tab = openTabOnly({ server, clock, browser, userId: server.people[0], ...options });
  tabs.push(tab);
  return tab;
}

function serverIsBack(): void {
  server.isSocketUp = true;
  server.isHttpUp = true;
}

const heardSends = () => server.heard.flatMap(({ frame }) => (frame.t === "send" ? [frame] : []));
const kept = async () => {
  const store = await openIndexedDbStore(server.people[0]);
  const entries = await store.list();
  store.close();
  return entries;
};
const states = (tab: Tab) => tab.conversation().pending.map(({ state }) => state.kind);
/** The rooms' list is not there while nothing answers; the outbox of the room is. */
const unsentTexts = async () => (await kept()).map(({ text }) => text);

describe("what is unsent", () => {
  it("P1: survives a closed tab and goes out in its order from the next one", async () => {
    const first = anaOffline();
    for (const text of ["1", "2", "3"]) first.client.send(server.roomId, text);
    await atRest();
    expect(await unsentTexts()).toEqual(["1", "2", "3"]);
    first.close();
    serverIsBack();
    const second = await ana();
    await until(() => server.messages.length === 3);
    expect(server.messages.map(({ text }) => text)).toEqual(["1", "2", "3"]);
    await until(() => second.texts().length === 3 && second.conversation().pending.length === 0);
    expect(await kept()).toEqual([]);
  });

  it("P2: a tab closed between write and acknowledgement sends the same clientId again: one message", async () => {
    const first = await ana();
    server.acksToLose = 1;
    server.silenced.add("message");
    first.client.send(server.roomId, "once");
    await until(() => server.messages.length === 1);
    first.close();
    server.silenced.clear();
    await ana();
    await atRest();
    expect(server.messages).toHaveLength(1);
    await until(() => new Set(heardSends().map(({ clientId }) => clientId)).size === 1);
    await clock.advance(1_000);
    expect(await kept()).toEqual([]);
  });

  it("is never sent by another account on the same browser", async () => {
    const first = anaOffline();
    first.client.send(server.roomId, "Ana's words");
    await atRest();
    first.close();
    serverIsBack();
    const ben = await ana({ userId: server.people[1] });
    await clock.advance(LIMITS.sendTimeoutMs);
    expect(ben.conversation().pending).toEqual([]);
    expect(server.messages).toEqual([]);
    expect(await unsentTexts()).toEqual(["Ana's words"]);
  });

  it("is bounded", async () => {
    const tab = await ana();
    server.sendsToLose = LIMITS.outboxEntriesMax * 2;
    for (let count = 0; count < LIMITS.outboxEntriesMax; count += 1) tab.client.send(server.roomId, `${count}`);
    expect(tab.client.send(server.roomId, "one more")).toMatchObject({ ok: false, error: { code: "overloaded" } });
  });
});

describe("a refused message", () => {
  it("fails with its reason and lets those behind it pass", async () => {
    const tab = await ana();
    server.refuseSendsWith = "not_found";
    tab.client.send(server.roomId, "refused");
    await until(() => states(tab)[0] === "failed");
    server.refuseSendsWith = null;
    tab.client.send(server.roomId, "taken");
    await until(() => server.messages.length === 1);
    expect(server.messages[0]?.text).toBe("taken");
    expect(tab.conversation().pending[0]?.state).toEqual({ kind: "failed", code: "not_found" });
    expect(tab.client.getSnapshot().rooms[0]).toMatchObject({ failed: 1 });
  });

  it("stays failed in the next tab, and goes out when the person says so", async () => {
    const first = await ana();
    server.refuseSendsWith = "forbidden";
    for (const text of ["1", "2"]) first.client.send(server.roomId, text);
    await until(() => states(first).join() === "failed,failed");
    first.close();
    server.refuseSendsWith = null;
    const second = await ana();
    await until(() => states(second).join() === "failed,failed");
    second.client.retryAll(server.roomId);
    await until(() => server.messages.length === 2);
    expect(server.messages.map(({ text }) => text)).toEqual(["1", "2"]);
  });

  it("is gone for ever when it is discarded", async () => {
    const first = await ana();
    server.refuseSendsWith = "forbidden";
    const sent = first.client.send(server.roomId, "no");
    await until(() => states(first)[0] === "failed");
    server.refuseSendsWith = null;
    if (sent.ok) first.client.discard(sent.value);
    await until(() => first.conversation().pending.length === 0);
    await atRest();
    expect(await kept()).toEqual([]);
    first.close();
    await ana();
    await clock.advance(LIMITS.sendTimeoutMs);
    expect(server.messages).toEqual([]);
  });

  it("discarded before it was stored is not sent either", async () => {
    const tab = anaOffline();
    const sent = tab.client.send(server.roomId, "no");
    if (sent.ok) tab.client.discard(sent.value);
    await atRest();
    expect(await kept()).toEqual([]);
  });

  it("P11: a retryable refusal is tried again later, with the same clientId", async () => {
    const tab = await ana();
    server.refuseSendsWith = "overloaded";
    tab.client.send(server.roomId, "later");
    await until(() => tab.conversation().pending[0]?.attempts === 1);
    expect(states(tab)).toEqual(["queued"]);
    server.refuseSendsWith = null;
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    await until(() => server.messages.length === 1);
    expect(tab.texts()).toEqual(["later"]);
  });

  it("P11: waits as long as the server asked for, whatever is written meanwhile in this tab or another", async () => {
    const [left, right] = [await ana(), await ana()];
    server.refuseSendsWith = "overloaded";
    server.retryAfterMs = 1_500;
    left.client.send(server.roomId, "1");
    await until(() => left.conversation().pending[0]?.attempts === 1);
    left.client.send(server.roomId, "2");
    right.client.send(server.roomId, "3");
    await clock.advance(1_400);
    // The other tab asked once by itself: it was told nothing yet.
    expect(heardSends().length).toBeLessThanOrEqual(2);
    server.refuseSendsWith = null;
    await clock.advance(1_500);
    await until(() => server.messages.length === 3);
    expect(server.messages.map(({ text }) => text)).toEqual(["1", "2", "3"]);
  });

  it("does not block the room for ever where the server always breaks on it", async () => {
    const tab = await ana();
    server.refuseSendsWith = "internal";
    tab.client.send(server.roomId, "breaks");
    await clock.advance(LIMITS.outboxInternalErrorsMax * LIMITS.reconnectDelayMaxMs);
    await until(() => states(tab)[0] === "failed");
    expect(tab.conversation().pending[0]?.state).toEqual({ kind: "failed", code: "internal" });
  });

  it("fails only after so many breaks: what was refused for want of a database before does not count", async () => {
    const tab = await ana();
    server.refuseSendsWith = "unavailable";
    tab.client.send(server.roomId, "after the outage");
    await clock.advance(LIMITS.outboxInternalErrorsMax * LIMITS.reconnectDelayMaxMs);
    server.refuseSendsWith = "internal";
    await clock.advance(LIMITS.outboxRetryMaxMs * 2);
    expect(states(tab)).toEqual(["queued"]);
    server.refuseSendsWith = null;
    await clock.advance(LIMITS.outboxRetryMaxMs);
    await until(() => server.messages.length === 1);
  });
});

it("P1: what was written before the outbox began does not disturb what it finds there", async () => {
  const first = anaOffline();
  first.client.send(server.roomId, "from the last time");
  await atRest();
  first.close();
  await atRest();
  const second = anaOffline();
  second.client.stop();
  second.client.send(server.roomId, "before it began");
  second.client.start();
  await atRest();
  expect(second.client.getSnapshot().isOutboxDurable).toBe(true);
  expect(await unsentTexts()).toEqual(["from the last time", "before it began"]);
});

describe("two tabs of one person", () => {
  it("send one at a time, in the order in which things were written", async () => {
    const [left, right] = [await ana(), await ana()];
    server.acksToLose = 1;
    server.silenced.add("message");
    left.client.send(server.roomId, "1");
    await until(() => heardSends().length === 1);
    right.client.send(server.roomId, "2");
    await atRest();
    expect(heardSends().map(({ text }) => text)).toEqual(["1"]);
    server.silenced.clear();
    await clock.advance(LIMITS.sendTimeoutMs + LIMITS.reconnectDelayMaxMs);
    await until(() => server.messages.length === 2);
    expect(server.messages.map(({ text }) => text)).toEqual(["1", "2"]);
  });

  it("see what the other has still to send, and its end", async () => {
    const [left, right] = [await ana(), await ana()];
    server.sendsToLose = 1;
    left.client.send(server.roomId, "from the left");
    await until(() => right.conversation().pending.length === 1);
    await clock.advance(LIMITS.sendTimeoutMs + LIMITS.reconnectDelayMaxMs);
    await until(() => right.conversation().pending.length === 0 && left.conversation().pending.length === 0);
    expect(left.texts()).toEqual(["from the left"]);
    expect(right.texts()).toEqual(["from the left"]);
  });

  it("the one that stays takes over when the other is closed while it sends", async () => {
    const [left, right] = [await ana(), await ana()];
    server.sendsToLose = 1;
    left.client.send(server.roomId, "take over");
    await until(() => heardSends().length === 1);
    left.close();
    await until(() => server.messages.length === 1, "the other tab sent it");
    expect(new Set(heardSends().map(({ clientId }) => clientId)).size).toBe(1);
    await until(() => right.texts().join() === "take over");
  });
});

describe("a browser that keeps nothing", () => {
  const broken: IDBFactory["open"] = () => {
    throw new DOMException("no storage here", "SecurityError");
  };

  it("P14: still sends, and says that unsent messages end with the tab", async () => {
    const { open } = indexedDB;
    indexedDB.open = broken;
    const tab = await ana();
    await until(() => !tab.client.getSnapshot().isOutboxDurable);
    tab.client.send(server.roomId, "hello");
    await until(() => server.messages.length === 1);
    indexedDB.open = open;
    expect(tab.texts()).toEqual(["hello"]);
  });
});
