import { EventEmitter } from "node:events";
import { LIMITS } from "@ashchat/contracts/limits";
import { describe, expect, it } from "vitest";
import { createSender, type Outgoing } from "./sender";

const outgoing = (sizeBytes = 2): Outgoing => ({
  exchange: "x",
  routingKey: "k",
  content: Buffer.alloc(sizeBytes, 0x20),
});

describe("the sender without a connection", () => {
  it("refuses at once what is beyond its window instead of keeping it", async () => {
    const sender = createSender({ blocked: () => null, inFlightMax: 3, timeoutMs: 50 });
    const kept = [1, 2, 3].map(() => sender.send(outgoing()));
    expect(await sender.send(outgoing())).toMatchObject({ ok: false, error: { code: "overloaded" } });
    for (const result of await Promise.all(kept))
      expect(result).toMatchObject({ ok: false, error: { code: "unavailable" } });
    expect(sender.inFlight()).toBe(0);
  });

  it("refuses what is too many bytes together", async () => {
    const sender = createSender({ blocked: () => null, timeoutMs: 20 });
    const count = LIMITS.publishInFlightBytesMax / LIMITS.queueMessageBytesMax;
    const kept = Array.from({ length: count }, () => sender.send(outgoing(LIMITS.queueMessageBytesMax)));
    expect(await sender.send(outgoing())).toMatchObject({ ok: false, error: { code: "overloaded" } });
    await Promise.all(kept);
  });

  it("refuses a message that a consumer would set aside", async () => {
    const sender = createSender({ blocked: () => null });
    const result = await sender.send(outgoing(LIMITS.queueMessageBytesMax + 1));
    expect(result).toMatchObject({ ok: false, error: { code: "invalid_input" } });
  });

  it("refuses with `overloaded` while the broker accepts no messages", async () => {
    const sender = createSender({ blocked: () => "low on memory" });
    expect(await sender.send(outgoing())).toMatchObject({ ok: false, error: { code: "overloaded", retryable: true } });
  });
});

describe("the sender and a broker that does not confirm", () => {
  it("ends a call in time but keeps its place until the channel ends, so that memory stays bounded", async () => {
    const sender = createSender({ blocked: () => null, inFlightMax: 1, timeoutMs: 20 });
    const callbacks: ((error: unknown) => void)[] = [];
    const channel = Object.assign(new EventEmitter(), {
      publish: (...parts: unknown[]) => {
        const callback = parts[4];
        if (typeof callback === "function") callbacks.push((error) => void callback(error));
        return true;
      },
    });
    // Only what the sender uses of a channel; the real one is in the integration tests.
    sender.attach(channel as never);
    expect(await sender.send(outgoing())).toMatchObject({ ok: false, error: { code: "timeout" } });
    expect(await sender.send(outgoing())).toMatchObject({ ok: false, error: { code: "overloaded" } });
    callbacks[0]?.(new Error("channel closed"));
    expect(sender.inFlight()).toBe(0);
  });
});
