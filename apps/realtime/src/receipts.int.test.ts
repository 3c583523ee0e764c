import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must, startHarness, type Harness, type TestNode } from "./testing/harness";

let house: Harness;
let node: TestNode;

beforeAll(async () => {
  house = await startHarness();
  node = await house.startNode();
});
afterAll(() => house.close());

describe("receipts", () => {
  it("marks reach the other members, merged to one write a second, and never run ahead of the room", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [author, reader] = [await house.connect(node, ana), await house.connect(node, ben)];
    for (let index = 0; index < 3; index += 1) author.say(roomId, `text ${index}`);
    await reader.next("message", ({ message }) => message.seq === 3);
    for (let seq = 1; seq <= 3; seq += 1) {
      reader.send({ t: "delivered", roomId, seq });
      reader.send({ t: "read", roomId, seq });
    }
    reader.send({ t: "read", roomId, seq: 1_000_000 });
    const { marks } = await author.next("receipts", (frame) => frame.marks.some(({ readSeq }) => readSeq === 3));
    expect(marks).toEqual([{ userId: ben.userId, deliveredSeq: 3, readSeq: 3 }]);
    expect(author.all("receipts").length).toBeLessThanOrEqual(2);
    const stored = must(await house.database.stores.memberships.find(roomId, ben.userId));
    expect(stored).toMatchObject({ deliveredSeq: 3, readSeq: 3 });
  });

  it("a mark costs one write and no read: the head of a room that is followed is known", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [author, reader] = [await house.connect(node, ana), await house.connect(node, ben)];
    author.say(roomId, "hola");
    await reader.next("message");
    const before = node.commandsAbout(roomId).length;
    reader.send({ t: "read", roomId, seq: 1 });
    await author.next("receipts", ({ marks }) => marks.some(({ userId }) => userId === ben.userId));
    expect(node.commandsAbout(roomId).slice(before)).toEqual(["findAndModify memberships"]);
  });

  it("what a whole room marks within the interval is a few frames for each reader, not one a member", async () => {
    const calm = await house.startNode({ limits: { receiptGatherMs: 3_000 } });
    const people = await Promise.all(Array.from({ length: 12 }, () => house.person()));
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error("nobody");
    const roomId = await house.group(owner, ...others);
    const author = await house.connect(calm, owner);
    const readers = await Promise.all(others.map((other) => house.connect(calm, other)));
    author.say(roomId, "hello");
    for (const reader of readers) {
      await reader.next("message");
      reader.send({ t: "delivered", roomId, seq: 1 });
    }
    const marked = others.map(({ userId }) => ({ userId, deliveredSeq: 1, readSeq: 0 }));
    for (const client of [author, ...readers]) {
      const heard = () => client.all("receipts").flatMap(({ marks }) => marks);
      await waitFor(() => heard().length >= marked.length, { deadlineMs: 10_000, what: "everybody's marks" });
      // The first at once and the others together; on a machine that stalls some may miss the interval.
      expect(client.all("receipts").length).toBeLessThanOrEqual(3);
      expect(new Set(heard())).toEqual(new Set(marked));
    }
  });
});
