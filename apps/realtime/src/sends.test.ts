import { newClientId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok, type Result } from "@ashchat/contracts/result";
import { describe, expect, it } from "vitest";
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
    sync: house.members.sync,
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

describe("a send to a room of whose members this node has not heard", () => {
  /** A connection of somebody who was made a member without an announcement; every send is stored at once. */
  function setUp(isMember: boolean) {
    const house = simulateHouse();
    const [owner, userId] = [someone(), someone()];
    const { connection, frames } = house.connect(userId);
    connection.becomeReady();
    const roomId = isMember ? house.addRoom(owner, userId) : house.addRoom(owner);
    const sent: string[] = [];
    const logged: string[] = [];
    let reads = 0;
    const sends = createSends({
      registry: house.registry,
      limits: LIMITS,
      newCorrelationId: () => "correlation",
      sync(asking) {
        reads += 1;
        return house.members.sync(asking);
      },
      async sendMessage(_caller, { text }) {
        sent.push(text);
        return ok({ message: aMessage({ roomId, seq: sent.length }), repeated: false });
      },
      onError: failTest,
      onRefused: ({ code }) => void logged.push(code),
    });
    const send = (text: string) =>
      sends.handle(connection, userId, { t: "send", roomId, clientId: newClientId(), text });
    const kinds = () => frames.map((frame) => (frame.t === "error" ? frame.code : frame.t));
    return { house, send, sent, logged, kinds, reads: () => reads };
  }

  it("P1: is kept, after one look into the database, and none overtakes another", async () => {
    const { house, send, sent, kinds, reads } = setUp(true);
    send("one");
    send("two");
    await house.turns();
    send("three");
    await house.turns();
    expect(sent).toEqual(["one", "two", "three"]);
    expect(kinds()).toEqual(["room", "ack", "ack", "ack"]);
    expect(reads()).toBe(1);
  });

  it("P13: of a stranger is refused for good, and leaves no line in the log", async () => {
    const { house, send, sent, logged, kinds } = setUp(false);
    send("let me in");
    await house.turns();
    expect([sent, kinds(), logged]).toEqual([[], ["not_found"], []]);
  });

  it("is to be sent again where the database does not answer", async () => {
    const { house, send, sent, kinds } = setUp(true);
    house.state.isDatabaseAway = true;
    send("one");
    await house.turns();
    expect([sent, kinds()]).toEqual([[], ["unavailable"]]);
  });
});
