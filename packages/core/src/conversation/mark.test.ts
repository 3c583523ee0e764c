import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ANA, answering, callerOf, outcomeOf, recorder, ROOM_ID } from "../testing/fakes";
import { clampMarks, mark, type MarkDeps } from "./mark";

function setUp(head: number, isMember = true) {
  const world = recorder();
  const marks: { deliveredSeq?: number; readSeq?: number }[] = [];
  const deps: MarkDeps = {
    announcer: world.announcer,
    messages: { headOf: () => answering(head) },
    memberships: {
      mark(_roomId, _userId, wanted) {
        marks.push(wanted);
        return answering(isMember ? { deliveredSeq: 9, readSeq: 8 } : null);
      },
    },
  };
  return { deps, marks, ...world };
}

describe("P9: marks", () => {
  test.each([
    ["beyond the head are clamped to it", 5, { deliveredSeq: 99, readSeq: 99 }, { deliveredSeq: 5, readSeq: 5 }],
    ["of reading carry delivery along", 5, { readSeq: 4 }, { deliveredSeq: 4, readSeq: 4 }],
    ["of delivery leave reading alone", 5, { deliveredSeq: 4 }, { deliveredSeq: 4, readSeq: 0 }],
    ["in an empty room stay at its beginning", 0, { readSeq: 3 }, { deliveredSeq: 0, readSeq: 0 }],
  ])("%s", async (_name, head, wanted, expected) => {
    const { deps, marks, announced } = setUp(head);
    expect(outcomeOf(await mark(deps, callerOf(ANA), { roomId: ROOM_ID, ...wanted }))).toEqual({
      deliveredSeq: 9,
      readSeq: 8,
    });
    expect(marks).toEqual([expected]);
    expect(announced).toEqual([{ kind: "receipt", roomId: ROOM_ID, userId: ANA, deliveredSeq: 9, readSeq: 8 }]);
  });

  test("a stranger gets not_found, and nobody is told", async () => {
    const { deps, announced } = setUp(5, false);
    expect(outcomeOf(await mark(deps, callerOf(ANA), { roomId: ROOM_ID, readSeq: 1 }))).toEqual({ code: "not_found" });
    expect(announced).toEqual([]);
  });

  test("never run ahead of the room, and nothing is read that was not delivered", () => {
    const seq = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(seq, seq, fc.nat(), (deliveredSeq, readSeq, head) => {
        const clamped = clampMarks({ deliveredSeq, readSeq }, head);
        expect(clamped.deliveredSeq).toBeLessThanOrEqual(head);
        expect(clamped.readSeq).toBeLessThanOrEqual(clamped.deliveredSeq);
      }),
    );
  });
});
