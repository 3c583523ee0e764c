import { LIMITS } from "@ashchat/contracts/limits";
import { appError } from "@ashchat/contracts/errors";
import type { ConsumeMessage } from "amqplib";
import { describe, expect, it } from "vitest";
import { readJob } from "./job";
import { settle, type JobOutcome } from "./settlement";
import { codeQuestion, profileJob, translationJob } from "./testing";
import { topologyOf } from "./topology";

const NOW = 1_000_000;

function message(content: unknown, headers: Record<string, unknown> = {}, replyTo?: string): ConsumeMessage {
  return {
    content: Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content)),
    fields: { deliveryTag: 1, redelivered: false, exchange: "", routingKey: "", consumerTag: "" },
    properties: {
      headers,
      replyTo,
      correlationId: replyTo,
      contentType: undefined,
      contentEncoding: undefined,
      deliveryMode: undefined,
      priority: undefined,
      expiration: undefined,
      messageId: undefined,
      timestamp: undefined,
      type: undefined,
      userId: undefined,
      appId: undefined,
      clusterId: undefined,
    },
  };
}

describe("reading a delivery", () => {
  it("gives the body with its correlation id, tries and deliveries", () => {
    const body = translationJob();
    const read = readJob("TRANSLATION_QUEUE", message(body, { "x-ash-tries": 2, "x-delivery-count": 4 }), NOW);
    expect(read).toEqual({
      kind: "job",
      body,
      context: { correlationId: body.correlationId, tries: 2, deliveryCount: 4 },
    });
  });

  it.each([
    [Buffer.from("{"), "malformed_json"],
    [Buffer.from([0xff, 0xfe]), "malformed_json"],
    [null, "unknown_shape: not an object"],
    [[], "unknown_version"],
    [{ ...translationJob(), v: 2 }, "unknown_version"],
    [{ ...translationJob(), language: "canary" }, "unknown_shape: language invalid_value"],
    [profileJob(), "unknown_shape: type invalid_value"],
    [Buffer.alloc(LIMITS.queueMessageBytesMax + 1, 0x20), `too_large: ${LIMITS.queueMessageBytesMax + 1} bytes`],
  ])("sets %s aside and names no value in the reason", (content, reason) => {
    const read = readJob("TRANSLATION_QUEUE", message(content), NOW);
    expect(read).toMatchObject({ kind: "poison", reason: expect.stringContaining(reason) });
    expect(JSON.stringify(read)).not.toContain("canary");
  });

  it.each([{ "x-ash-tries": -1 }, { "x-ash-tries": "9" }, { "x-ash-tries": 1e300 }])(
    "does not believe a header %j",
    (headers) => {
      expect(readJob("TRANSLATION_QUEUE", message(translationJob(), headers), NOW)).toMatchObject({
        context: { tries: 0 },
      });
    },
  );

  it("drops a question whose asker has stopped waiting", () => {
    expect(readJob("CONFIRM_EMAIL_CODE_QUEUE", message(codeQuestion(NOW - 1)), NOW).kind).toBe("late");
    expect(readJob("CONFIRM_EMAIL_CODE_QUEUE", message(codeQuestion(NOW)), NOW).kind).toBe("job");
  });
});

describe("settling a delivery", () => {
  const topology = topologyOf("ns");
  const furniture = topology.queues.TRANSLATION_QUEUE;
  const settleWith = (outcome: JobOutcome, headers = {}, replyTo?: string) =>
    settle(topology, furniture, { message: message(translationJob(), headers, replyTo), outcome, now: NOW });

  it("waits longer before every further try, then gives up with the reason", () => {
    const error = appError("unavailable", "the engine is away");
    const rooms = [0, 1, 2, 3, 4].map(
      (tries) => settleWith({ kind: "retry", error }, { "x-ash-tries": tries }).publish,
    );
    expect(rooms.map((room) => room?.routingKey)).toEqual([
      "ns.TRANSLATION_QUEUE.retry.1",
      "ns.TRANSLATION_QUEUE.retry.2",
      "ns.TRANSLATION_QUEUE.retry.3",
      "ns.TRANSLATION_QUEUE.retry.4",
      "TRANSLATION_QUEUE",
    ]);
    const last = rooms[4];
    expect(last?.exchange).toBe("ns.dead");
    expect(last?.headers).toMatchObject({ "x-ash-reason": "gave_up: unavailable", "x-ash-tries": 5 });
  });

  it("a reason is a code or a class, never the text of an error", () => {
    const { publish } = settleWith({ kind: "retry", error: new TypeError("canary") });
    expect(publish?.headers?.["x-ash-reason"]).toBe("TypeError");
  });

  it("a question is not asked again: nobody waits for the answer", () => {
    const queue = topology.queues.CONFIRM_EMAIL_CODE_QUEUE;
    const settlement = settle(topology, queue, {
      message: message({}),
      outcome: { kind: "retry", error: null },
      now: NOW,
    });
    expect(settlement.label).toBe("dead");
  });

  it("answers to where the question came from, and to nowhere without an address", () => {
    expect(settleWith({ kind: "reply", body: 1 }, {}, "amq.rabbitmq.reply-to.x").publish).toMatchObject({
      exchange: "",
      routingKey: "amq.rabbitmq.reply-to.x",
      transient: true,
    });
    expect(settleWith({ kind: "reply", body: 1 }).publish).toBeNull();
  });
});
