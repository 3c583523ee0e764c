import { describe, expect, it } from "vitest";
import { aMessage, aProfile, someone } from "./testing/factories";
import { simulateHouse, type SimulatedHouse } from "./testing/simulated-house";

/** A room of two; the second has a connection that reads it. */
async function aRoomWithAReader(house: SimulatedHouse) {
  const [owner, reader] = [someone(), someone()];
  const roomId = house.addRoom(owner, reader);
  const { connection, frames } = house.connect(reader);
  connection.becomeReady();
  const opened = await house.rooms.openAll([roomId]);
  const room = opened.ok ? opened.value[0] : undefined;
  if (room === undefined) throw new Error("the room did not open");
  house.members.subscribe(connection, room);
  return { room, roomId, owner, reader, connection, frames };
}

describe("a member who is removed while the list is being read", () => {
  it("P13: gets nothing that is sent after the removal, though the reading had begun before it", async () => {
    const house = simulateHouse();
    const { room, roomId, reader, frames } = await aRoomWithAReader(house);
    const answer = house.hold();
    room.isStale = true;
    const reading = house.rooms.reload(room, 0);
    const stored = house.stored(roomId);
    stored.members.delete(reader);
    stored.version = 2;
    house.hub.deliver({ kind: "members", roomId, membersVersion: 2, added: [], removed: [reader] });
    await house.turns();
    answer();
    const slow = house.hold();
    await reading;
    house.hub.announcer.announce({
      ...{ kind: "message", roomId, membersVersion: room.audience.room.membersVersion },
      message: aMessage({ roomId, seq: 1 }),
    });
    await house.turns();
    slow();
    await house.turns();
    expect(frames.map((frame) => (frame.t === "room" ? frame.event : frame.t))).toEqual(["removed"]);
  });

  it("and is back before the reading ends stays a member", async () => {
    const house = simulateHouse();
    const { room, roomId, reader, frames } = await aRoomWithAReader(house);
    house.stored(roomId).version = 3;
    const answer = house.hold();
    room.isStale = true;
    const reading = house.rooms.reload(room, 0);
    // Both are late: the list that is being read knows of them already.
    house.hub.deliver({ kind: "members", roomId, membersVersion: 2, added: [], removed: [reader] });
    house.hub.deliver({ kind: "members", roomId, membersVersion: 3, added: [reader], removed: [] });
    answer();
    await reading;
    await house.turns();
    expect(room.audience.members.has(reader)).toBe(true);
    expect(frames.at(-1)).toMatchObject({ t: "room", event: "added" });
  });
});

describe("a reading language that changes", () => {
  it("while the room is being opened is the one in which the person reads", async () => {
    const house = simulateHouse();
    const [ana, ben] = [someone(), someone()];
    const roomId = house.addRoom(ana, ben);
    const answer = house.hold();
    const opening = house.rooms.openAll([roomId]);
    await house.turns();
    const profile = { userId: ben, tag: "ben-1", name: "Ben", about: "", language: "es" } as const;
    answer();
    const late = house.hold();
    await house.turns();
    house.hub.deliver({ kind: "profile", profile, understands: ["pt"] });
    late();
    await opening;
    expect(house.rooms.get(roomId)?.audience.members.get(ben)).toMatchObject({ language: "es", understands: ["pt"] });
  });
});

describe("after Redis was away", () => {
  it("P4: a room that was being opened is looked at again, heads and members", async () => {
    const house = simulateHouse();
    const [ana, ben] = [someone(), someone()];
    const roomId = house.addRoom(ana);
    const answer = house.hold();
    const opening = house.rooms.openAll([roomId]);
    house.state.now += 100;
    house.hub.readAgain([], house.state.now);
    answer();
    const late = house.hold();
    await house.turns();
    // Written after the list was read, and announced to nobody.
    house.stored(roomId).members.set(ben, "en");
    house.stored(roomId).version = 2;
    late();
    await opening;
    await house.turns();
    const room = house.rooms.get(roomId);
    expect(room?.audience.members.has(ben)).toBe(true);
    expect(room?.auditedAt).toBeLessThan(house.state.now);
  });

  it("P15: the readers hear whose profile changed meanwhile, though it was announced to nobody", async () => {
    const house = simulateHouse();
    const { owner, frames } = await aRoomWithAReader(house);
    house.state.changedProfiles.push({ ...aProfile(), userId: owner, name: "Ana María" });
    house.hub.readAgain([], house.state.now);
    await house.turns();
    expect(frames).toMatchObject([{ t: "profile", profile: { userId: owner, name: "Ana María" } }]);
  });

  it("P15: the readers hear the marks that others set meanwhile, though they were announced to nobody", async () => {
    const house = simulateHouse();
    const { roomId, owner, frames } = await aRoomWithAReader(house);
    house.state.marks.set(owner, { deliveredSeq: 3, readSeq: 2 });
    house.hub.readAgain([], house.state.now);
    await house.turns();
    expect(frames).toEqual([{ t: "receipts", roomId, marks: [{ userId: owner, deliveredSeq: 3, readSeq: 2 }] }]);
  });
});
