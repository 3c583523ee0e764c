import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { currentCorrelationId } from "@ashchat/runtime/correlation";
import { startTcpProxy } from "@ashchat/runtime/testing/tcp-proxy";
import { waitFor } from "@ashchat/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Messaging } from "./connect";
import { codeQuestion, messagingBench, profileJob, translationJob, type MessagingBench } from "./testing";

const QUEUE = "TRANSLATION_QUEUE";

let bench: MessagingBench;
let messaging: Messaging;
beforeEach(async () => {
  bench = messagingBench();
  messaging = await bench.open();
});
afterEach(async () => bench.close());

async function lengthOf(queue: Parameters<Messaging["queueLength"]>[0]): Promise<number | null> {
  const length = await messaging.queueLength(queue);
  return length.ok ? length.value : null;
}

async function deadReasons(queue: Parameters<Messaging["deadLetters"]>[0]): Promise<string[]> {
  const letters = await messaging.deadLetters(queue);
  return letters.ok ? letters.value.map(({ reason }) => reason).sort() : [];
}

describe("publishing and consuming", () => {
  it("a confirmed job is handled once, in the flow of its correlation id, and leaves its queue", async () => {
    const seen: { seq: number; correlationId: string | null }[] = [];
    messaging.consume(QUEUE, async ({ seq }) => {
      await Promise.resolve();
      seen.push({ seq, correlationId: currentCorrelationId() });
      return { kind: "done" };
    });
    const job = translationJob(7);
    expect(await messaging.publisher.publish(QUEUE, job)).toEqual({ ok: true, value: undefined });
    await waitFor(() => seen.length > 0);
    expect(seen).toEqual([{ seq: 7, correlationId: job.correlationId }]);
    await waitFor(async () => (await lengthOf(QUEUE)) === 0);
  });

  it("1,000 jobs at once all arrive, each once, with acknowledgements in any order", async () => {
    const seen = new Map<number, number>();
    messaging.consume(QUEUE, async ({ seq }) => {
      if (seq % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      seen.set(seq, (seen.get(seq) ?? 0) + 1);
      return { kind: "done" };
    });
    const results = await Promise.all(
      Array.from({ length: 1_000 }, (_, seq) => messaging.publisher.publish(QUEUE, translationJob(seq))),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    await waitFor(() => seen.size === 1_000);
    expect(Math.max(...seen.values())).toBe(1);
    await messaging.close();
    messaging = await bench.open();
    expect(await lengthOf(QUEUE)).toBe(0);
  });

  it("beyond its window the publisher refuses with `overloaded` and recovers", async () => {
    const burst = LIMITS.publishInFlightMax + 200;
    const results = await Promise.all(
      Array.from({ length: burst }, (_, seq) => messaging.publisher.publish(QUEUE, translationJob(seq))),
    );
    const refused = results.filter((result) => !result.ok && result.error.code === "overloaded");
    expect(refused).toHaveLength(200);
    expect((await messaging.publisher.publish(QUEUE, translationJob())).ok).toBe(true);
    await waitFor(async () => (await lengthOf(QUEUE)) === LIMITS.publishInFlightMax + 1);
  });

  it("what no queue takes is set aside as unrouted, and confirmed", async () => {
    await bench.raw((channel) =>
      channel.unbindQueue(bench.topology.queues[QUEUE].name, bench.topology.workExchange, QUEUE),
    );
    expect((await messaging.publisher.publish(QUEUE, translationJob())).ok).toBe(true);
    const unrouted = await bench.raw((channel) => channel.get(bench.topology.unroutedName, { noAck: true }));
    expect(unrouted).not.toBe(false);
  });

  it("without a place for the unrouted either, publishing fails", async () => {
    await bench.raw(async (channel) => {
      await channel.unbindQueue(bench.topology.queues[QUEUE].name, bench.topology.workExchange, QUEUE);
      await channel.unbindQueue(bench.topology.unroutedName, bench.topology.unroutedExchange, "");
    });
    expect(await messaging.publisher.publish(QUEUE, translationJob())).toMatchObject({
      ok: false,
      error: { code: "unavailable" },
    });
  });
});

describe("failures", () => {
  it("P10: poison is set aside with its reason and the queue goes on", async () => {
    const seen: number[] = [];
    messaging.consume(QUEUE, async ({ seq }) => {
      seen.push(seq);
      return { kind: "done" };
    });
    await bench.raw(async (channel) => {
      const { name } = bench.topology.queues[QUEUE];
      channel.sendToQueue(name, Buffer.from("{"));
      channel.sendToQueue(name, Buffer.from(JSON.stringify({ ...translationJob(), v: 2 })));
      channel.sendToQueue(name, Buffer.from(JSON.stringify(profileJob())));
      channel.sendToQueue(name, Buffer.alloc(LIMITS.queueMessageBytesMax + 1, 0x20));
      await channel.checkQueue(name);
    });
    await messaging.publisher.publish(QUEUE, translationJob(5));
    await waitFor(() => seen.length > 0);
    await waitFor(async () => (await deadReasons(QUEUE)).length === 4);
    expect(await deadReasons(QUEUE)).toEqual([
      "malformed_json",
      `too_large: ${LIMITS.queueMessageBytesMax + 1} bytes`,
      expect.stringContaining("unknown_shape: type"),
      "unknown_version",
    ]);
    expect(seen).toEqual([5]);
    expect(await lengthOf(QUEUE)).toBe(0);
  });

  it("a job that always fails is tried five times, then set aside with count and reason; the others are done", async () => {
    const tries: number[] = [];
    const done: number[] = [];
    messaging.consume(QUEUE, async ({ seq }, context) => {
      if (seq !== 13) {
        done.push(seq);
        return { kind: "done" };
      }
      tries.push(context.tries);
      if (context.tries === 1) throw new TypeError("a bug in a handler is a failed try");
      return { kind: "retry", error: appError("unavailable", "the engine is away") };
    });
    for (const seq of [12, 13, 14]) await messaging.publisher.publish(QUEUE, translationJob(seq));
    const [letter] = await waitFor(async () => {
      const letters = await messaging.deadLetters(QUEUE);
      return letters.ok && letters.value.length > 0 ? letters.value : null;
    });
    expect(tries).toEqual([0, 1, 2, 3, 4]);
    expect(letter).toMatchObject({ reason: "gave_up: unavailable", tries: LIMITS.queueTriesMax });
    expect(new Set(done)).toEqual(new Set([12, 14]));
  });

  it("what the handler calls poison is not tried again", async () => {
    let calls = 0;
    messaging.consume("PROFILE_CREATION_QUEUE", async () => {
      calls += 1;
      return { kind: "poison", reason: "no such account" };
    });
    await messaging.publisher.publish("PROFILE_CREATION_QUEUE", profileJob());
    await waitFor(async () => (await deadReasons("PROFILE_CREATION_QUEUE")).length > 0);
    expect(await deadReasons("PROFILE_CREATION_QUEUE")).toEqual(["no such account"]);
    expect(calls).toBe(1);
  });

  it("a handler that never answers is a failed try", async () => {
    const calls: number[] = [];
    messaging.consume(
      QUEUE,
      async (_body, { tries }) => {
        calls.push(tries);
        return tries === 0 ? new Promise(() => undefined) : { kind: "done" };
      },
      { handlerTimeoutMs: 50 },
    );
    await messaging.publisher.publish(QUEUE, translationJob());
    await waitFor(() => calls.length === 2);
    expect(calls).toEqual([0, 1]);
  });
});

describe("batches", () => {
  it("waiting jobs go together, at most `batchMax`, and each gets its own outcome", async () => {
    const sizes: number[] = [];
    const done = new Set<number>();
    for (let seq = 1; seq <= 25; seq += 1) await messaging.publisher.publish(QUEUE, translationJob(seq));
    messaging.consumeBatches(
      QUEUE,
      async (jobs) => {
        sizes.push(jobs.length);
        return jobs.map(({ body, context }) => {
          if (body.seq === 20 && context.tries === 0) return { kind: "retry", error: new Error("one of them") };
          if (body.seq === 21) return { kind: "poison", reason: "not this one" };
          done.add(body.seq);
          return { kind: "done" };
        });
      },
      { batchMax: 10, batchWaitMs: 20, prefetch: 20 },
    );
    await waitFor(() => done.size === 24);
    expect(done.has(20)).toBe(true);
    expect(Math.max(...sizes)).toBe(10);
    await waitFor(async () => (await deadReasons(QUEUE)).length === 1);
    expect(await lengthOf(QUEUE)).toBe(0);
  });

  it("a handler that answers for fewer jobs than it got fails for all of them", async () => {
    const tries = new Map<number, number>();
    for (let seq = 1; seq <= 4; seq += 1) await messaging.publisher.publish(QUEUE, translationJob(seq));
    messaging.consumeBatches(
      QUEUE,
      async (jobs) => {
        for (const { body, context } of jobs) tries.set(body.seq, context.tries);
        return jobs.some(({ context }) => context.tries === 0) ? [] : jobs.map(() => ({ kind: "done" as const }));
      },
      { batchMax: 4, batchWaitMs: 20, prefetch: 4 },
    );
    await waitFor(() => [1, 2, 3, 4].every((seq) => (tries.get(seq) ?? 0) >= 1));
    expect(await deadReasons(QUEUE)).toEqual([]);
  });
});

describe("questions", () => {
  it("the answer comes to the one who asked, also with many at once", async () => {
    const other = await bench.open();
    messaging.consume("CONFIRM_EMAIL_CODE_QUEUE", async ({ registrationId }) => ({
      kind: "reply",
      body: { status: "wrong", triesLeft: registrationId.charCodeAt(5) },
    }));
    const questions = Array.from({ length: 50 }, () => codeQuestion(Date.now() + LIMITS.rpcTimeoutMs));
    const answers = await Promise.all(questions.map((question) => other.request("CONFIRM_EMAIL_CODE_QUEUE", question)));
    for (const [index, answer] of answers.entries()) {
      const triesLeft = questions[index]?.registrationId.charCodeAt(5);
      expect(answer).toEqual({ ok: true, value: { status: "wrong", triesLeft } });
    }
  });

  it("a question that nobody answers ends at its deadline", async () => {
    const startedAt = Date.now();
    const answer = await messaging.request("CONFIRM_EMAIL_CODE_QUEUE", codeQuestion(startedAt + 200));
    expect(answer).toMatchObject({ ok: false, error: { code: "timeout", retryable: true } });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(199);
  });

  it("a question that is read after its deadline reaches no handler", async () => {
    await messaging.request("CONFIRM_EMAIL_CODE_QUEUE", codeQuestion(Date.now() + 100));
    let calls = 0;
    messaging.consume("CONFIRM_EMAIL_CODE_QUEUE", async () => {
      calls += 1;
      return { kind: "reply", body: { status: "expired" } };
    });
    const fresh = await messaging.request("CONFIRM_EMAIL_CODE_QUEUE", codeQuestion(Date.now() + LIMITS.rpcTimeoutMs));
    expect(fresh).toEqual({ ok: true, value: { status: "expired" } });
    expect(calls).toBe(1);
    await waitFor(async () => (await lengthOf("CONFIRM_EMAIL_CODE_QUEUE")) === 0);
    expect(await deadReasons("CONFIRM_EMAIL_CODE_QUEUE")).toEqual([]);
  });

  it("an answer of unknown shape is an error, not a belief", async () => {
    messaging.consume("CONFIRM_EMAIL_CODE_QUEUE", async () => ({ kind: "reply", body: { status: "confirmed" } }));
    const answer = await messaging.request("CONFIRM_EMAIL_CODE_QUEUE", codeQuestion(Date.now() + LIMITS.rpcTimeoutMs));
    expect(answer).toMatchObject({ ok: false, error: { code: "internal" } });
  });
});

describe("a network that fails", () => {
  it("after a cut connection consumer and publisher come back by themselves and no job is lost", async () => {
    const proxy = await startTcpProxy(bench.url);
    const client = await bench.open({ url: proxy.through(bench.url) });
    const seen = new Set<number>();
    client.consume(QUEUE, async ({ seq }) => {
      seen.add(seq);
      return { kind: "done" };
    });
    expect((await client.publisher.publish(QUEUE, translationJob(1))).ok).toBe(true);
    await waitFor(() => seen.has(1));
    proxy.cut();
    await waitFor(async () => !(await client.ready()).ok);
    await messaging.publisher.publish(QUEUE, translationJob(2));
    const waiting = client.publisher.publish(QUEUE, translationJob(3));
    proxy.heal();
    expect((await waiting).ok).toBe(true);
    await waitFor(() => seen.has(2) && seen.has(3));
    await waitFor(async () => (await client.ready()).ok);
    await client.close();
    await proxy.close();
  });

  it("jobs under way when the connection is cut are delivered again", async () => {
    const proxy = await startTcpProxy(bench.url);
    const client = await bench.open({ url: proxy.through(bench.url) });
    const began: number[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    client.consume(QUEUE, async (_body, { deliveryCount }) => {
      began.push(deliveryCount);
      if (began.length === 1) await held;
      return { kind: "done" };
    });
    await messaging.publisher.publish(QUEUE, translationJob(1));
    await waitFor(() => began.length === 1);
    proxy.cut();
    await waitFor(async () => !(await client.ready()).ok);
    release();
    proxy.heal();
    await waitFor(() => began.length === 2);
    expect(began).toEqual([0, 1]);
    await waitFor(async () => (await lengthOf(QUEUE)) === 0);
    await client.close();
    await proxy.close();
  });

  it("a broker that hangs makes publishing fail in time and readiness honest, and is forgotten when it comes back", async () => {
    const proxy = await startTcpProxy(bench.url);
    const client = await bench.open({ url: proxy.through(bench.url) });
    proxy.stall();
    const startedAt = Date.now();
    const [published, ready] = await Promise.all([client.publisher.publish(QUEUE, translationJob(1)), client.ready()]);
    expect(published.ok).toBe(false);
    expect(ready.ok).toBe(false);
    expect(Date.now() - startedAt).toBeLessThan(LIMITS.publishTimeoutMs + 1_000);
    proxy.heal();
    await waitFor(async () => (await client.ready()).ok, { deadlineMs: 30_000 });
    expect((await client.publisher.publish(QUEUE, translationJob(2))).ok).toBe(true);
    await client.close();
    await proxy.close();
  });

  it("an offer without a connection is dropped, counted and keeps nobody waiting", async () => {
    const proxy = await startTcpProxy(bench.url);
    const client = await bench.open({ url: proxy.through(bench.url) });
    proxy.cut();
    await waitFor(async () => !(await client.ready()).ok);
    client.publisher.offer(QUEUE, translationJob());
    const { body } = await bench.metrics.render();
    expect(body).toContain('ashchat_queue_offers_dropped_total{queue="TRANSLATION_QUEUE",process="test"} 1');
    proxy.heal();
    await client.close();
    await proxy.close();
  });

  it("a process that starts before its broker works as soon as the broker is there", async () => {
    const proxy = await startTcpProxy(bench.url);
    proxy.cut();
    const client = await bench.open({ url: proxy.through(bench.url) });
    expect(await client.ready()).toEqual({ ok: false, detail: "not connected" });
    const seen: number[] = [];
    client.consume(QUEUE, async ({ seq }) => {
      seen.push(seq);
      return { kind: "done" };
    });
    proxy.heal();
    await messaging.publisher.publish(QUEUE, translationJob(4));
    await waitFor(() => seen.length > 0, { deadlineMs: 20_000 });
    expect(seen).toEqual([4]);
    await client.close();
    await proxy.close();
  });
});

describe("closing", () => {
  it("finishes what is under way and leaves the rest to the next consumer", async () => {
    const first = await bench.open();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const began: number[] = [];
    const ended: number[] = [];
    first.consume(
      QUEUE,
      async ({ seq }) => {
        began.push(seq);
        await held;
        ended.push(seq);
        return { kind: "done" };
      },
      { prefetch: 1 },
    );
    await messaging.publisher.publish(QUEUE, translationJob(1));
    await messaging.publisher.publish(QUEUE, translationJob(2));
    await waitFor(() => began.length === 1);
    const closed = first.close();
    release();
    await closed;
    expect(ended).toEqual(began);
    const rest: number[] = [];
    messaging.consume(QUEUE, async ({ seq }) => {
      rest.push(seq);
      return { kind: "done" };
    });
    await waitFor(() => rest.length > 0);
    expect(new Set([...ended, ...rest])).toEqual(new Set([1, 2]));
  });
});
