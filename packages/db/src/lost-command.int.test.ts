import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection } from "./connection";
import { attempt, withinDeadline } from "./errors";
import { testDatabase, type TestDatabase } from "./testing";
import { startTcpProxy } from "./testing/tcp-proxy";

/**
 * A socket that has ended tells so only a moment later. What the driver sends in that moment, it waits for without end; a
 * server that is killed under load does this to many at once.
 */

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** Every client socket that this process opens from now on, in order. */
function collectSockets(): { sockets: Socket[]; stop(): void } {
  const sockets: Socket[] = [];
  const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  subscribe("net.client.socket", note);
  return { sockets, stop: () => unsubscribe("net.client.socket", note) };
}

const open = (url = database.url) => openConnection({ url, appName: "lost", timeoutMs: 500 });

test("every call ends: one whose command the driver has lost ends as a timeout", async () => {
  const { sockets, stop } = collectSockets();
  const { native, close } = await open();
  const look = () =>
    native()
      .collection("profiles")
      .findOne({ userId: newId("usr") });
  await look();
  stop();

  for (const socket of sockets) socket.destroy();
  const lost = look();
  const outcome = await attempt("look", () => withinDeadline(() => lost, 1_000));
  expect(outcome).toMatchObject({ ok: false, error: { code: "timeout", retryable: true } });
  // The driver's own half second is over, and it still waits: without a deadline of ours nobody would hear of it.
  expect(
    await Promise.race([
      lost.then(
        () => "ended",
        () => "ended",
      ),
      Promise.resolve("waiting"),
    ]),
  ).toBe("waiting");
  await close();
});

test("P14: a driver that has stopped looking for the server finds it again", async () => {
  const { sockets, stop } = collectSockets();
  const { hostname, port } = new URL(database.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const { connection, native, close } = await open(`${proxy.through(database.url)}?directConnection=true`);
  stop();
  const look = () =>
    attempt("look", () =>
      native()
        .collection("profiles")
        .findOne({ userId: newId("usr") }),
    );
  expect(await look()).toMatchObject({ ok: true });

  const client = connection.getClient();
  const [watcher] = sockets;
  await new Promise<void>((resolve) => {
    client.once("serverHeartbeatStarted", () => {
      // The look that begins now is lost, and with it every later one.
      watcher?.destroy();
      resolve();
    });
  });
  // Connections that break make the driver doubt the server, until somebody has looked.
  proxy.cut();
  expect(await look()).toMatchObject({ ok: false, error: { retryable: true } });
  proxy.restore();
  await expect.poll(async () => (await look()).ok, { timeout: LOST_MS, interval: 200 }).toBe(true);
  expect(connection.getClient()).not.toBe(client);
  await close();
  await proxy.close();
}, 60_000);

/** Until the look counts as lost, and the pool is open again; calls that find no server take half a second each. */
const LOST_MS = 20_000;

test("the deadline leaves the driver its own: waiting for a server, for a connection, and for the answer", () => {
  expect(LIMITS.databaseDeadlineMs).toBeGreaterThan(2 * LIMITS.databaseWaitMs + LIMITS.databaseTimeoutMs);
});
