import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulateRoom, type SimulatedRoom } from "./testing/simulated-room";

const LIMITS = { gapGraceMs: 25, gapReadMessages: 4, resumeGapMax: 50, heldAnnouncementsMax: 8 };

function announceMessage(room: SimulatedRoom, seq: number, membersVersion = 1): void {
  const message = room.messages[seq - 1];
  if (message === undefined) throw new Error(`no message ${seq}`);
  room.feed.offerMessage(message, membersVersion);
}

function announceChange(room: SimulatedRoom, seq: number, membersVersion = 1): void {
  const logged = room.changes[seq - 1];
  if (logged === undefined) throw new Error(`no change ${seq}`);
  room.feed.offerChange(logged, membersVersion);
}

function write(count: number): SimulatedRoom {
  const room = simulateRoom(LIMITS);
  for (let seq = 1; seq <= count; seq += 1) room.writeMessage();
  return room;
}

describe("room feed", () => {
  it("fans out what is next at once, without a read", () => {
    const room = write(3);
    [1, 2, 3].forEach((seq) => announceMessage(room, seq));
    expect(room.fannedOut).toEqual(["m1", "m2", "m3"]);
    expect(room.readCount).toBe(0);
  });

  it("holds what came too early and fans it out when the hole closes, without a read", async () => {
    const room = write(3);
    [3, 2].forEach((seq) => announceMessage(room, seq));
    expect(room.fannedOut).toEqual([]);
    announceMessage(room, 1);
    expect(room.fannedOut).toEqual(["m1", "m2", "m3"]);
    await room.settle();
    expect(room.readCount).toBe(0);
  });

  it("fans out nothing twice", () => {
    const room = write(2);
    [1, 1, 2, 1, 2].forEach((seq) => announceMessage(room, seq));
    expect(room.fannedOut).toEqual(["m1", "m2"]);
  });

  it("reads a hole that stays", async () => {
    const room = write(4);
    [1, 4].forEach((seq) => announceMessage(room, seq));
    expect(room.fannedOut).toEqual(["m1"]);
    await room.settle();
    expect(room.fannedOut).toEqual(["m1", "m2", "m3", "m4"]);
  });

  it("a change waits for its message, and an unseen message is looked for when its change comes", async () => {
    const room = write(1);
    room.writeChange(1);
    announceChange(room, 1);
    expect(room.fannedOut).toEqual([]);
    await room.settle();
    expect(room.fannedOut).toEqual(["m1", "c1"]);
  });

  it("heads that were only spoken of are read", async () => {
    const room = write(9);
    room.writeChange(2);
    room.feed.noteHeads({ seq: 9, changeSeq: 1 });
    await room.settle();
    expect(room.fannedOut.filter((event) => event.startsWith("m"))).toEqual(room.messages.map(({ seq }) => `m${seq}`));
    expect(room.fannedOut).toContain("c1");
  });

  it("waits for the newer list of members before it fans out what was announced under it", async () => {
    const room = write(2);
    announceMessage(room, 1);
    room.membersVersion = 2;
    announceMessage(room, 2, 2);
    expect(room.fannedOut).toEqual(["m1"]);
    await room.settle();
    expect(room.memberChecks).toEqual([2]);
    expect(room.fannedOut).toEqual(["m1", "m2"]);
  });

  it("checks the members after it has read a hole, before it fans the hole out", async () => {
    const room = write(3);
    announceMessage(room, 3);
    let fannedOutAtCheck = -1;
    room.reads = () => {
      if (room.memberChecks.length > 0 && fannedOutAtCheck < 0) fannedOutAtCheck = room.fannedOut.length;
      return true;
    };
    await room.settle();
    expect(room.memberChecks).toEqual([null]);
    expect(fannedOutAtCheck).toBe(0);
    expect(room.fannedOut).toHaveLength(3);
  });

  it("skips a hole that is too large and says so, then goes on from there", async () => {
    const room = write(LIMITS.resumeGapMax + 2);
    announceMessage(room, LIMITS.resumeGapMax + 2);
    await room.settle();
    expect(room.fannedOut).toEqual(["jump"]);
    room.writeMessage();
    announceMessage(room, LIMITS.resumeGapMax + 3);
    expect(room.fannedOut).toEqual(["jump", `m${LIMITS.resumeGapMax + 3}`]);
  });

  it("gives up on a head that nobody ever wrote, and still takes what comes", async () => {
    const room = write(1);
    room.feed.noteHeads({ seq: 40, changeSeq: 3 });
    await room.settle();
    expect(room.fannedOut).toEqual(["m1"]);
    expect(room.feed.isBehind).toBe(false);
    room.writeMessage();
    announceMessage(room, 2);
    expect(room.fannedOut).toEqual(["m1", "m2"]);
  });

  it("keeps what comes before its heads are known, and fans out only what lies beyond them", async () => {
    const room = simulateRoom(LIMITS, { seq: 2, changeSeq: 0 });
    for (let seq = 1; seq <= 4; seq += 1) room.writeMessage();
    [2, 3, 4].forEach((seq) => announceMessage(room, seq));
    await room.settle();
    expect(room.fannedOut).toEqual(["m3", "m4"]);
  });

  it("whatever is lost, late, repeated or refused by the database: every event once, in order, after its message", async () => {
    const step = fc.record({
      isChange: fc.boolean(),
      about: fc.nat(1_000),
      fate: fc.constantFrom("lost", "now", "late", "twice"),
      delay: fc.nat(6),
      raisesVersion: fc.boolean(),
      pause: fc.boolean(),
    });
    const failures = fc.array(fc.boolean(), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), failures, async (steps, failing) => {
        const room = simulateRoom(LIMITS);
        const unanswered = [...failing];
        room.reads = () => unanswered.shift() !== true;
        const late: { at: number; announce: () => void }[] = [];
        let turn = 0;
        for (const { isChange, about, fate, delay, raisesVersion, pause } of steps) {
          if (raisesVersion) room.membersVersion += 1;
          const version = room.membersVersion;
          const announce = writeOne(room, { isChange, about, version });
          if (fate === "now" || fate === "twice") announce();
          if (fate === "late" || fate === "twice") late.push({ at: turn + delay, announce });
          for (const { at, announce: announceLate } of late) if (at === turn) announceLate();
          if (pause) await room.settle();
          turn += 1;
        }
        for (const { at, announce } of late) if (at >= turn) announce();
        await room.settle();
        room.feed.noteHeads({ seq: room.messages.length, changeSeq: room.changes.length });
        await room.settle();
        const events = (kind: string) => room.fannedOut.filter((event) => event.startsWith(kind));
        expect(events("m")).toEqual(room.messages.map(({ seq }) => `m${seq}`));
        expect(events("c")).toEqual(room.changes.map(({ change }) => `c${change.seq}`));
        expect(changesTooEarly(room)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

function writeOne(
  room: SimulatedRoom,
  { isChange, about, version }: { isChange: boolean; about: number; version: number },
): () => void {
  if (!isChange || room.messages.length === 0) {
    const { seq } = room.writeMessage();
    return () => announceMessage(room, seq, version);
  }
  const { change } = room.writeChange(1 + (about % room.messages.length));
  return () => announceChange(room, change.seq, version);
}

/** Changes that were fanned out before the message that they are about. */
function changesTooEarly(room: SimulatedRoom): number[] {
  const placeOf = (event: string): number => room.fannedOut.indexOf(event);
  return room.changes
    .map(({ change }) => change)
    .filter((change) => placeOf(`c${change.seq}`) < placeOf(`m${change.messageSeq}`))
    .map((change) => change.seq);
}
