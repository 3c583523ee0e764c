import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import { describe, expect, it } from "vitest";
import { someone } from "./testing/factories";
import { simulateHouse } from "./testing/simulated-house";

async function aRoomOf(count: number) {
  const house = simulateHouse();
  const people = Array.from({ length: count }, someone);
  const roomId = house.addRoom(...people);
  const opened = await house.rooms.openAll([roomId]);
  const room = opened.ok ? opened.value[0] : undefined;
  if (room === undefined) throw new Error("the room did not open");
  const readers = people.map((userId) => {
    const { connection, frames } = house.connect(userId);
    connection.becomeReady();
    house.members.subscribe(connection, room);
    return { userId, frames };
  });
  return { house, roomId, readers };
}

const receipt = (roomId: RoomId, userId: UserId) =>
  ({ kind: "receipt", roomId, userId, deliveredSeq: 1, readSeq: 1 }) as const;
const marksIn = (frames: readonly ServerFrame[]) =>
  frames.flatMap((frame) => (frame.t === "receipts" ? frame.marks.map(({ userId }) => userId) : []));

describe("receipts", () => {
  it("of this node and of others within the interval are two frames for each reader, not one each", async () => {
    const { house, roomId, readers } = await aRoomOf(20);
    readers.forEach(({ userId }, index) => {
      if (index % 2 === 0) house.hub.announcer.announce(receipt(roomId, userId));
      else house.hub.deliver(receipt(roomId, userId));
    });
    house.endReceiptIntervals();
    await house.turns();
    for (const { frames } of readers) {
      expect(frames.map(({ t }) => t)).toEqual(["receipts", "receipts"]);
      expect(marksIn(frames)).toEqual(readers.map(({ userId }) => userId));
    }
  });

  it("P13: who is removed within the interval hears nothing of what was marked in it", async () => {
    const { house, roomId, readers } = await aRoomOf(3);
    const [first, second, removed] = readers.map(({ userId }) => userId);
    if (first === undefined || second === undefined || removed === undefined) throw new Error("nobody");
    house.hub.deliver(receipt(roomId, first));
    house.hub.deliver(receipt(roomId, second));
    house.stored(roomId).members.delete(removed);
    house.stored(roomId).version = 2;
    house.hub.deliver({ kind: "members", roomId, membersVersion: 2, added: [], removed: [removed] });
    house.endReceiptIntervals();
    await house.turns();
    expect(readers.map(({ frames }) => marksIn(frames))).toEqual([[first, second], [first, second], [first]]);
  });
});
