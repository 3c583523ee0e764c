import "fake-indexeddb/auto";
import { LIMITS } from "@ashchat/contracts/limits";
import { expect, it } from "vitest";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock } from "./testing/fake-clock";
import { createBrowser, openTab } from "./testing/tabs";

/** Long enough for waits of up to half a minute. */
const LONG_MS = 120_000;

/** A tab that lost its connection so long ago that it tries rarely, and the server whose sockets are away. */
async function longLost() {
  const server = new ChatServer();
  const clock = createFakeClock();
  const tab = await openTab({ server, clock, browser: createBrowser(), userId: server.people[0] });
  server.isSocketUp = false;
  server.cut();
  await clock.advance(LONG_MS);
  const connection = () => tab.client.getSnapshot().connection;
  expect(connection().status).toBe("polling");
  return { server, clock, tab, connection };
}

it("connects with the next poll after a server has begun, whatever is left of the wait", async () => {
  const { server, clock, tab, connection } = await longLost();
  const waitMs = () => (connection().retryAt ?? 0) - clock.now();
  for (let steps = 0; waitMs() <= 2 * LIMITS.fallbackPollMs && steps < 60; steps += 1) await clock.advance(1_000);
  expect(waitMs()).toBeGreaterThan(2 * LIMITS.fallbackPollMs);
  server.isSocketUp = true;
  server.realtimeSince = clock.now();
  await clock.advance(LIMITS.fallbackPollMs);
  expect(connection().status).toBe("live");
  tab.close();
  await atRest();
});

it("tries a server that has begun but cannot be reached once, and then as rarely as before", async () => {
  const { server, clock, tab } = await longLost();
  const triedIn = async (ms: number) => {
    const before = server.socketsTried;
    await clock.advance(ms);
    return server.socketsTried - before;
  };
  const usual = await triedIn(5 * LONG_MS);
  server.realtimeSince = clock.now();
  expect(await triedIn(5 * LONG_MS)).toBeLessThanOrEqual(usual + 2);
  tab.close();
  await atRest();
});
