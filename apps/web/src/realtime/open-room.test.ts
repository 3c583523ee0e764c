import "fake-indexeddb/auto";
import { newClientId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { afterEach, beforeEach, expect, it } from "vitest";
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

function write(count: number): void {
  for (let seq = 1; seq <= count; seq += 1) server.write(server.people[1], String(seq), newClientId());
}

it("a room shows what one writes, also to whoever wrote it far back in the room", async () => {
  write(400);
  server.mark(server.people[0], { deliveredSeq: 400, readSeq: 400 });
  const tab = await ana();
  await tab.client.loadAround(server.roomId, 100);
  expect(tab.conversation().hasNewer).toBe(true);
  tab.client.send(server.roomId, "an answer");
  expect(tab.conversation().hasNewer).toBe(false);
  expect(tab.texts().at(-1)).toBe("an answer");
});

it.each(["socket", "http"] as const)(
  "a room that was opened while nothing answered is filled when %s is back",
  async (way) => {
    write(120);
    server.mark(server.people[0], { deliveredSeq: 120, readSeq: 120 });
    const firstRooms = [server.room(server.people[0])];
    server.isSocketUp = false;
    server.isHttpUp = false;
    const tab = openTabOnly({ server, clock, browser, userId: server.people[0], firstRooms });
    tabs.push(tab);
    await clock.advance(LIMITS.fallbackPollMs);
    expect(tab.conversation()).toMatchObject({ error: "unavailable", isLoadingOlder: false });
    server.isHttpUp = true;
    server.isSocketUp = way === "socket";
    await clock.advance(LIMITS.reconnectDelayMaxMs);
    await until(() => tab.conversation().messages.length >= 50, "the page is there");
    expect(tab.conversation().error).toBeNull();
  },
);

it("P13: who polls because the socket is down learns with the next poll that the session has ended", async () => {
  const tab = await ana();
  server.isSocketUp = false;
  server.cut();
  await clock.advance(LIMITS.fallbackPollMs);
  expect(tab.client.getSnapshot().connection.status).toBe("polling");
  server.isRevoked = true;
  await clock.advance(LIMITS.fallbackPollMs);
  expect(tab.client.getSnapshot().connection.status).toBe("signed_out");
  await clock.advance(10 * LIMITS.fallbackPollMs);
  expect(tab.client.getSnapshot().connection.status).toBe("signed_out");
});
