import "fake-indexeddb/auto";
import { LIMITS } from "@ashchat/contracts/limits";
import { expect, it } from "vitest";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock, until } from "./testing/fake-clock";
import { createBrowser, openTab } from "./testing/tabs";

/** Long enough for the wait between tries to have grown as far as it may. */
const LONG_OUTAGE_MS = 10 * LIMITS.reconnectDelayMaxMs;

it("after a long outage behind a living connection a message goes out within seconds", async () => {
  const server = new ChatServer();
  const clock = createFakeClock();
  const tab = await openTab({ server, clock, browser: createBrowser(), userId: server.people[0] });
  server.refuseSendsWith = "unavailable";
  tab.client.send(server.roomId, "hola");
  await until(() => server.heard.some(({ frame }) => frame.t === "send"));
  await clock.advance(LONG_OUTAGE_MS);
  expect(server.messages).toEqual([]);

  server.refuseSendsWith = null;
  await clock.advance(LIMITS.outboxRetryMaxMs);
  await until(() => server.messages.length > 0);
  expect(server.messages).toHaveLength(1);
  tab.close();
  await atRest();
});
