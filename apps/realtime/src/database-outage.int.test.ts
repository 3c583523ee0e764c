import { newClientId, newId } from "@ashchat/contracts/ids";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { testEnv } from "@ashchat/runtime/testing";
import { startTcpProxy, type TcpProxy } from "@ashchat/runtime/testing/tcp-proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must, startHarness, type Harness, type TestNode } from "./testing/harness";

let house: Harness;
let proxy: TcpProxy;
let node: TestNode;

beforeAll(async () => {
  house = await startHarness();
  proxy = await startTcpProxy(testEnv("ASH_TEST_MONGODB_URL"));
  node = await house.startNode({ mongodbUrl: proxy.through(house.database.url) });
});
afterAll(async () => {
  await house.close();
  await proxy.close();
});

describe("while the database is away", () => {
  it("a send is refused as one to try again, acknowledged by the retry when it is back, and is there once", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [writer, reader] = [await house.connect(node, ana), await house.connect(node, ben)];
    writer.say(roomId, "one");
    await reader.next("message");
    proxy.cut();
    const clientId = writer.say(roomId, "two");
    const refused = await writer.next("error");
    expect(refused).toMatchObject({ ref: clientId, roomId, retryable: true });
    expect(writer.all("ack")).toHaveLength(1);
    expect(writer.closeCode()).toBeNull();

    proxy.heal();
    await expect
      .poll(
        async () => {
          writer.say(roomId, "two", clientId);
          return writer.all("ack").at(-1)?.clientId;
        },
        { interval: 200, timeout: 15_000 },
      )
      .toBe(clientId);
    await reader.next("message", ({ message }) => message.seq === 2);
    expect(reader.seqs(roomId)).toEqual([1, 2]);
  });

  it("a resume says so, waits, and is completed when it is back", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const ids = { roomId, senderId: ana.userId, language: "en" as const, needs: [] };
    for (let index = 0; index < 10; index += 1) {
      const fresh = { messageId: newId("msg"), clientId: newClientId(), text: `text ${index}`, sentAt: Date.now() };
      must(await house.database.stores.writer.append({ ...ids, ...fresh }));
    }
    const reader = await house.connect(node, ben);
    proxy.cut();
    reader.send({ t: "resume", cursors: [{ roomId, seq: 0, changeSeq: 0 }] });
    expect(await reader.next("error")).toMatchObject({ roomId, retryable: true });
    proxy.heal();
    await reader.next("caught_up");
    expect(reader.seqs(roomId)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
    expect(reader.all("error")).toHaveLength(1);
  });

  it("a newcomer is asked to come back later, and gets in when it is back", async () => {
    const ana = await house.person();
    proxy.cut();
    await expect(house.connect(node, ana)).rejects.toThrow(String(CLOSE_CODES.overloaded));
    proxy.heal();
    await expect
      .poll(
        () =>
          house.connect(node, ana).then(
            () => true,
            () => false,
          ),
        { timeout: 15_000 },
      )
      .toBe(true);
  });
});
