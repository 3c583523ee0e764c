import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startPrivateServices, type PrivateServices } from "@ashchat/runtime/testing/services";
import { waitFor } from "@ashchat/runtime/testing";
import { connect } from "amqplib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { messagingBench, translationJob, type MessagingBench } from "./testing";

const QUEUE = "TRANSLATION_QUEUE";
const CONSUMER = fileURLToPath(new URL("./testing/sample-consumer.ts", import.meta.url));
const TSX = fileURLToPath(import.meta.resolve("tsx"));

/** Milliseconds, the restart of the broker included. */
const PUBLISHING_MS = 40_000;

/** A broker for this file alone: it is killed and starved. */
let services: PrivateServices;
let bench: MessagingBench;
beforeAll(async () => {
  services = await startPrivateServices(["rabbitmq"]);
  const url = services.url("RABBITMQ_URL");
  await waitFor(async () => (await connect(url)).close().then(() => true), { deadlineMs: 30_000 });
});
beforeEach(() => {
  bench = messagingBench(services.url("RABBITMQ_URL"));
});
afterEach(async () => bench.close());
afterAll(async () => services.close());

describe("a broker that is killed", () => {
  it("keeps every confirmed job, and publisher and consumer go on by themselves", async () => {
    const publisher = await bench.open();
    const confirmed = new Set<number>();
    let enough = () => false;
    const publishing = publishUntil(
      () => enough(),
      async (seq) => {
        const result = await publisher.publisher.publish(QUEUE, translationJob(seq));
        if (result.ok) confirmed.add(seq);
      },
    );
    await waitFor(() => confirmed.size > 200);
    await services.kill("rabbitmq");
    const before = confirmed.size;
    await services.start("rabbitmq");
    // Through the death and beyond it, however fast the machine: only then has the publisher gone on by itself.
    enough = () => confirmed.size >= before + 200;
    await publishing;

    const seen = new Set<number>();
    const consumer = await bench.open();
    consumer.consume(QUEUE, async ({ seq }) => {
      seen.add(seq);
      return { kind: "done" };
    });
    await waitFor(() => [...confirmed].every((seq) => seen.has(seq)), { deadlineMs: 30_000 });
    await Promise.all([publisher.close(), consumer.close()]);
  });
});

describe("a consumer that is killed by one of its jobs", () => {
  it("loses no other job and drives none into the dead letters, however often it is killed", async () => {
    const messaging = await bench.open();
    const jobs = 60;
    const deadly = 30;
    for (let seq = 1; seq <= jobs; seq += 1) {
      expect(await messaging.publisher.publish(QUEUE, translationJob(seq))).toMatchObject({ ok: true });
    }
    const done = new Set<number>();
    let deaths = 0;
    while (deaths < 8 && done.size < jobs - 1) {
      deaths += 1;
      await liveAndDie(bench, deadly, done);
    }
    expect(done.size).toBe(jobs - 1);
    expect(await messaging.deadLetters(QUEUE)).toEqual({ ok: true, value: [] });
    const last: number[] = [];
    messaging.consume(QUEUE, async ({ seq }, { deliveryCount }) => {
      last.push(seq, deliveryCount);
      return { kind: "done" };
    });
    await waitFor(() => last.length > 0);
    expect(last).toEqual([deadly, deaths]);
    await messaging.close();
  });
});

describe("a broker without memory", () => {
  it("makes publishing fail with `overloaded` at once, is said by readiness, and acknowledgements still get through", async () => {
    const messaging = await bench.open();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let handled = 0;
    const countAndHold = async () => {
      handled += 1;
      await held;
      return { kind: "done" as const };
    };
    messaging.consume(QUEUE, countAndHold, { prefetch: 1 });
    expect(await messaging.publisher.publish(QUEUE, translationJob(1))).toMatchObject({ ok: true });
    expect(await messaging.publisher.publish(QUEUE, translationJob(2))).toMatchObject({ ok: true });
    await waitFor(() => handled === 1);
    await setMemoryLimit(services, "1MB");
    const refused = await waitFor(async () => {
      const result = await messaging.publisher.publish(QUEUE, translationJob(3));
      return !result.ok && result.error.code === "overloaded" ? result : null;
    });
    expect(refused.error.retryable).toBe(true);
    expect(await messaging.ready()).toMatchObject({
      ok: false,
      detail: expect.stringContaining("accepts no messages"),
    });
    release();
    // The second comes only when the broker has read the acknowledgement of the first.
    await waitFor(() => handled === 2);
    expect((await messaging.ready()).ok).toBe(false);
    await setMemoryLimit(services, "1GB");
    await waitFor(async () => (await messaging.ready()).ok);
    await waitFor(async () => (await messaging.publisher.publish(QUEUE, translationJob(4))).ok);
    await waitFor(async () => {
      const length = await messaging.queueLength(QUEUE);
      return length.ok && length.value === 0;
    });
    await messaging.close();
  });
});

/** Twenty at a time; what the broker's death leaves unknown counts as not confirmed. */
async function publishUntil(enough: () => boolean, publish: (seq: number) => Promise<void>): Promise<void> {
  let next = 0;
  const until = Date.now() + PUBLISHING_MS;
  while (!enough() && Date.now() < until) {
    await Promise.all(Array.from({ length: 20 }, () => publish((next += 1))));
  }
  expect(enough(), "the publisher did not go on after the broker had come back").toBe(true);
}

/** One life of the sample consumer; it ends at the deadly job, or is ended when nothing else is left. */
async function liveAndDie(where: MessagingBench, deadly: number, done: Set<number>): Promise<void> {
  const namespace = where.topology.workExchange.replace(/\.work$/, "");
  const child = spawn(process.execPath, ["--import", TSX, CONSUMER, where.url, namespace, String(deadly)]);
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  await new Promise((resolve) => child.on("close", resolve));
  for (const [, seq] of output.matchAll(/^done (\d+)$/gm)) done.add(Number(seq));
  expect(output).toContain(`began ${deadly}`);
}

async function setMemoryLimit(broker: PrivateServices, limit: string): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: `${broker.dir}/rabbitmq`, ERL_EPMD_PORT: String(broker.port("epmd")) };
  const args = ["-n", "ashchat@localhost", "set_vm_memory_high_watermark", "absolute", limit];
  const conf = { RABBITMQ_CONF_ENV_FILE: `${broker.dir}/rabbitmq/none.conf` };
  const debian = "/usr/lib/rabbitmq/bin/rabbitmqctl";
  await promisify(execFile)(existsSync(debian) ? debian : "rabbitmqctl", args, {
    env: { ...env, ...conf },
    timeout: 20_000,
  });
}
