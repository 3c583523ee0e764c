import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { MemberMarks } from "@ashchat/contracts/realtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReceiptFanout } from "./receipt-fanout";
import { someone, someRoom } from "./testing/factories";

const INTERVAL_MS = 250;
const MARKS_MAX = 5;
const roomId = someRoom();
const [ana, ben, cy, dan] = [someone(), someone(), someone(), someone()];
const people = [ana, ben, cy, dan, ...Array.from({ length: 8 }, someone)];

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

function setUp() {
  const frames: { roomId: RoomId; marks: MemberMarks[] }[] = [];
  const timers = new Set<Timer>();
  const state = { now: 0, hasReaders: true };
  const fanout = createReceiptFanout({
    limits: { receiptGatherMs: INTERVAL_MS, receiptMarksMax: MARKS_MAX },
    later(delayMs, task) {
      const timer = { at: state.now + delayMs, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    hasReaders: () => state.hasReaders,
    fan: (to, marks) => frames.push({ roomId: to, marks }),
  });
  const pass = (ms: number) => {
    state.now += ms;
    for (const timer of timers) {
      if (timer.at > state.now) continue;
      timers.delete(timer);
      timer.task();
    }
  };
  const mark = (userId: UserId, seq: number, to = roomId) =>
    fanout.hear({ roomId: to, userId, deliveredSeq: seq, readSeq: seq - 1 });
  return { frames, timers, state, fanout, pass, mark };
}

/** What a reader knows in the end: marks only grow. */
function known(heard: readonly MemberMarks[]): Map<UserId, [number, number]> {
  const all = new Map<UserId, [number, number]>();
  for (const { userId, deliveredSeq, readSeq } of heard) {
    const [delivered, read] = all.get(userId) ?? [0, 0];
    all.set(userId, [Math.max(delivered, deliveredSeq), Math.max(read, readSeq)]);
  }
  return all;
}

describe("receipts of a room", () => {
  it("the first of a quiet room goes at once", () => {
    const { frames, mark, pass } = setUp();
    for (const seq of [1, 2, 3]) {
      mark(ana, seq);
      expect(frames).toHaveLength(seq);
      expect(frames.at(-1)).toEqual({ roomId, marks: [{ userId: ana, deliveredSeq: seq, readSeq: seq - 1 }] });
      pass(INTERVAL_MS);
    }
  });

  it("what follows within the interval is one frame at its end, and so on while marks come", () => {
    const { frames, mark, pass } = setUp();
    for (const userId of people.slice(0, 4)) mark(userId, 1);
    pass(INTERVAL_MS - 1);
    expect(frames).toHaveLength(1);
    pass(1);
    expect(frames).toHaveLength(2);
    expect(frames[1]?.marks.map(({ userId }) => userId)).toEqual(people.slice(1, 4));
    mark(ana, 2);
    mark(ben, 2);
    expect(frames).toHaveLength(2);
    pass(INTERVAL_MS);
    expect(frames).toHaveLength(3);
  });

  it("P9: a member's newest marks travel, whatever the order in which they were heard", () => {
    const { frames, mark, pass, fanout } = setUp();
    for (const seq of [1, 7, 3]) mark(ana, seq);
    fanout.hear({ roomId, userId: ana, deliveredSeq: 7, readSeq: 7 });
    mark(ana, 5);
    pass(INTERVAL_MS);
    expect(frames[1]?.marks).toEqual([{ userId: ana, deliveredSeq: 7, readSeq: 7 }]);
  });

  it("more than a frame holds are several frames, each member once", () => {
    const { frames, mark, pass } = setUp();
    for (const userId of people) mark(userId, 1);
    pass(INTERVAL_MS);
    expect(frames.map(({ marks }) => marks.length)).toEqual([1, MARKS_MAX, MARKS_MAX, 1]);
    expect(frames.flatMap(({ marks }) => marks.map(({ userId }) => userId))).toEqual(people);
  });

  it("rooms do not wait for each other", () => {
    const { frames, mark } = setUp();
    const other = someRoom();
    mark(ana, 1);
    mark(ana, 1, other);
    expect(frames.map((frame) => frame.roomId)).toEqual([roomId, other]);
  });

  it("P14: nothing is kept of a room that is quiet or that nobody reads, and no timer", () => {
    const { frames, timers, state, mark, pass } = setUp();
    mark(ana, 1);
    pass(INTERVAL_MS);
    expect(timers.size).toBe(0);
    mark(ana, 2);
    mark(ben, 2);
    state.hasReaders = false;
    pass(INTERVAL_MS);
    mark(cy, 2);
    expect(timers.size).toBe(0);
    state.hasReaders = true;
    mark(dan, 2);
    expect(frames.flatMap(({ marks }) => marks.map(({ userId }) => userId))).toEqual([ana, ana, dan]);
  });

  it("P14: the end of the node sends what waits and leaves no timer", () => {
    const { frames, timers, mark, fanout } = setUp();
    mark(ana, 1);
    mark(ben, 1);
    fanout.close();
    mark(cy, 1);
    fanout.close();
    expect(frames.map(({ marks }) => marks.map(({ userId }) => userId))).toEqual([[ana], [ben]]);
    expect(timers.size).toBe(0);
  });

  it("nothing is lost, and an interval costs as many frames as its marks fill, and one", () => {
    const heard = fc.record({ userId: fc.constantFrom(...people), seq: fc.integer({ min: 1, max: 9 }) });
    const step = fc.oneof({ weight: 5, arbitrary: heard }, { weight: 1, arbitrary: fc.constant(null) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { frames, mark, pass } = setUp();
        const marks: MemberMarks[] = [];
        for (const one of steps) {
          if (one === null) pass(INTERVAL_MS);
          else {
            marks.push({ userId: one.userId, deliveredSeq: one.seq, readSeq: one.seq - 1 });
            mark(one.userId, one.seq);
          }
        }
        pass(INTERVAL_MS);
        expect(known(frames.flatMap((frame) => frame.marks))).toEqual(known(marks));
        for (const frame of frames)
          expect(new Set(frame.marks.map(({ userId }) => userId)).size).toBe(frame.marks.length);
        const intervals = steps.filter((one) => one === null).length + 1;
        expect(frames.length).toBeLessThanOrEqual(2 * intervals + Math.floor(marks.length / MARKS_MAX));
      }),
    );
  });
});
