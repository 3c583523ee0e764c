import { newClientId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok, type Result } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import { createSends } from "./sends";
import { aMessage, failTest, someone } from "./testing/factories";
import { simulateHouse } from "./testing/simulated-house";

it("a node that ends waits for what it has taken, and for nothing that comes later", async () => {
  const house = simulateHouse();
  const userId = someone();
  const roomId = house.addRoom(userId);
  const { connection, frames } = house.connect(userId);
  house.registry.subscribe(connection, { roomId, joinedSeq: 0, language: "en", isLanguageOwn: false });
  const store: (() => void)[] = [];
  const sends = createSends({
    registry: house.registry,
    limits: LIMITS,
    newCorrelationId: () => "correlation",
    sendMessage: () =>
      new Promise<Result<{ message: ReturnType<typeof aMessage>; repeated: boolean }>>((resolve) => {
        store.push(() => resolve(ok({ message: aMessage({ roomId, seq: 1 }), repeated: false })));
      }),
    onError: failTest,
    onRefused: () => undefined,
  });
  const [taken, late] = [newClientId(), newClientId()];
  const send = (clientId: typeof taken) => sends.handle(connection, userId, { t: "send", roomId, clientId, text: "x" });
  send(taken);
  let isDrained = false;
  const drained = sends.drain().then(() => {
    isDrained = true;
  });
  send(late);
  await house.turns();
  expect(isDrained).toBe(false);
  store[0]?.();
  await drained;
  await house.turns();
  expect(frames).toMatchObject([
    { t: "error", code: "unavailable", retryable: true, ref: late },
    { t: "ack", clientId: taken },
  ]);
});
