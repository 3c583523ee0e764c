import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock, until } from "./testing/fake-clock";
import { createBrowser, openTab } from "./testing/tabs";

it("a room that another person has just opened says at once whether they are there", async () => {
  const server = new ChatServer();
  const [ana, ben] = server.people;
  const tab = await openTab({ server, clock: createFakeClock(), browser: createBrowser(), userId: ana });
  expect(tab.client.getSnapshot().presence.get(ben)).toBeUndefined();
  server.presence = [{ userId: ben, online: true, lastSeenAt: null }];
  server.push({ t: "room", roomId: server.roomId, event: "added", membersVersion: 1 });
  await until(() => tab.client.getSnapshot().presence.get(ben)?.online === true);
  tab.close();
  await atRest();
});
