import { createLogger, silentLogger } from "@ashchat/runtime/logger";
import { startTcpProxy } from "@ashchat/runtime/testing/tcp-proxy";
import { testEnv } from "@ashchat/runtime/testing";
import { expect, it } from "vitest";
import { openConnection } from "./connection";
import { messagingBench } from "./testing";

it("a session whose building never ends, as when the broker dies meanwhile, gives way to the next", async () => {
  let built = 0;
  const connection = await openConnection({
    url: testEnv("ASH_TEST_RABBITMQ_URL"),
    name: "test",
    log: silentLogger(),
    open: () => {
      built += 1;
      return built === 1 ? new Promise(() => undefined) : Promise.resolve();
    },
    lost: () => undefined,
  });
  expect(await connection.waitUntilUp(30_000)).toBe(true);
  expect(built).toBe(2);
  await connection.close();
});

it("closing on purpose is no break: nothing is warned of, however soon it comes", async () => {
  const bench = messagingBench();
  const said: string[] = [];
  const log = createLogger({ name: "test", level: "warn", destination: { write: (line) => void said.push(line) } });
  for (let round = 0; round < 5; round += 1) {
    const messaging = await bench.open({ log });
    expect(await messaging.ready()).toMatchObject({ ok: true });
    await messaging.close();
  }
  await bench.close();
  expect(said).toEqual([]);
});

it("who cannot do without the broker waits as long as it says for one that takes its time", async () => {
  const bench = messagingBench();
  const proxy = await startTcpProxy(bench.url);
  proxy.cut();
  // With the growing pauses between them these are more than five seconds.
  let failuresLeft = 2 * 7;
  const write = (line: string) => {
    failuresLeft -= line.includes("broker cannot be reached") ? 1 : 0;
    if (failuresLeft === 0) proxy.heal();
  };
  const log = createLogger({ name: "test", level: "warn", destination: { write } });
  const messaging = await bench.open({ log, url: proxy.through(bench.url), connectWaitMs: 50_000 });
  expect(await messaging.ready()).toMatchObject({ ok: true });
  await messaging.close();
  await proxy.close();
  await bench.close();
});
