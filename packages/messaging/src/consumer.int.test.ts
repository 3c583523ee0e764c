import { createLogger, silentLogger } from "@ashchat/runtime/logger";
import { waitFor } from "@ashchat/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Messaging } from "./connect";
import { openConnection } from "./connection";
import { createIntake } from "./intake";
import { messagingBench, translationJob, type MessagingBench } from "./testing";

const QUEUE = "TRANSLATION_QUEUE";

let bench: MessagingBench;
let messaging: Messaging;
let said: string[];
beforeEach(async () => {
  said = [];
  bench = messagingBench();
  const log = createLogger({ name: "test", level: "warn", destination: { write: (line) => void said.push(line) } });
  messaging = await bench.open({ log });
});
afterEach(async () => bench.close());

const messages = () => said.map((line) => (JSON.parse(line) as { msg: string }).msg);

describe("a batch whose handler throws", () => {
  it("P10: is handled job by job, so that one job that breaks its handler fails nobody else's", async () => {
    const done = new Set<number>();
    for (let seq = 1; seq <= 8; seq += 1) await messaging.publisher.publish(QUEUE, translationJob(seq));
    messaging.consumeBatches(
      QUEUE,
      async (jobs) => {
        if (jobs.some(({ body }) => body.seq === 5)) throw new TypeError("a bug that job 5 meets");
        return jobs.map(({ body, context }) => {
          // Those of its batch did not pay for it with a try.
          if (context.tries === 0) done.add(body.seq);
          return { kind: "done" };
        });
      },
      { batchMax: 8, batchWaitMs: 20, prefetch: 8 },
    );
    await waitFor(() => done.size === 7);
    await waitFor(async () => {
      const letters = await messaging.deadLetters(QUEUE);
      return letters.ok && letters.value.length === 1 && letters.value[0]?.reason === "gave_up: TypeError";
    });
    expect(done).toEqual(new Set([1, 2, 3, 4, 6, 7, 8]));
  });
});

describe("closing one consumer", () => {
  it("leaves the others alone when a delivery of it would still go back", async () => {
    const retryName = bench.topology.queues[QUEUE].retries[0]?.name ?? "";
    // No copy can be kept there, so what fails goes back to its queue after a while.
    await bench.raw((channel) => channel.deleteQueue(retryName));
    const failed: string[] = [];
    const fail = (name: string) => async () => {
      failed.push(name);
      return { kind: "retry", error: new Error("not now") } as const;
    };
    const first = messaging.consume(QUEUE, fail("first"));
    await messaging.publisher.publish(QUEUE, translationJob(1));
    await waitFor(() => messages().includes("a delivery could not be set aside and goes back"));
    await first.close();
    messaging.consume(QUEUE, fail("second"));
    // The second one's own delivery has gone back and come again: so the first one's time is up as well.
    await waitFor(() => failed.filter((name) => name === "second").length >= 2);
    expect(new Set(messages())).toEqual(new Set(["a delivery could not be set aside and goes back"]));
  });

  it("while its channel is being opened leaves no consumer behind", async () => {
    const intake = createIntake({
      ...{ queue: QUEUE, queueName: bench.topology.queues[QUEUE].name, log: silentLogger() },
      ...{ prefetch: 1, bundleMax: 1, bundleWaitMs: 0, bundlesMax: 1, work: async () => undefined },
    });
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const attaching: Promise<void>[] = [];
    const connection = await openConnection({
      url: bench.url,
      name: "test",
      log: silentLogger(),
      lost: () => undefined,
      open: async (session) => {
        const slow = async () => gate.then(() => session.model.createChannel());
        const model: typeof session.model = Object.assign(Object.create(session.model), { createChannel: slow });
        attaching.push(intake.attach({ ...session, model }));
      },
    });
    await waitFor(() => attaching.length === 1);
    await intake.close();
    goOn();
    await Promise.all(attaching);
    const { consumerCount } = await bench.raw((channel) => channel.checkQueue(bench.topology.queues[QUEUE].name));
    expect(consumerCount).toBe(0);
    await connection.close();
  });

  it("ends in time although its handler does not, and the job goes to the next consumer", async () => {
    let began = 0;
    const first = messaging.consume(QUEUE, () => {
      began += 1;
      return new Promise(() => undefined);
    });
    await messaging.publisher.publish(QUEUE, translationJob(1));
    await waitFor(() => began === 1);
    const startedAt = performance.now();
    await first.close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const rest: number[] = [];
    await messaging.close();
    messaging = await bench.open();
    messaging.consume(QUEUE, async ({ seq }) => {
      rest.push(seq);
      return { kind: "done" };
    });
    await waitFor(() => rest.length === 1);
  });
});
