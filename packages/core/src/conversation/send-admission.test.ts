import { newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok, type Result } from "@ashchat/contracts/result";
import { describe, expect, test } from "vitest";
import { createSendAdmission } from "./send-admission";

const TICK_MS = 5;
const MS_PER_SECOND = 1_000;

/** A house that stores so many messages a second one after the other, on a clock of its own. */
function setUp() {
  let time = 0;
  let endTurn: () => void = () => undefined;
  const afterTurn = (run: () => void) => (endTurn = run);
  const admission = createSendAdmission({ limits: LIMITS, now: () => time, random: () => 0.5, afterTurn });
  const waiting: { room: RoomId; from: number; store: () => void }[] = [];
  let credit = 0;

  async function offer(room: RoomId): Promise<Result<number>> {
    const from = time;
    return admission.run(room, async () => {
      await new Promise<void>((store) => waiting.push({ room, from, store }));
      return ok(time - from);
    });
  }

  async function pass(ms: number, perSecond: number, isStuck: (room: RoomId) => boolean = () => false) {
    for (const end = time + ms; time < end;) {
      endTurn();
      time += TICK_MS;
      credit = Math.min(credit + (perSecond * TICK_MS) / MS_PER_SECOND, 1 + perSecond);
      for (let index = 0; index < waiting.length && credit >= 1;) {
        const one = waiting[index];
        if (one === undefined || isStuck(one.room)) index += 1;
        else {
          credit -= 1;
          waiting.splice(index, 1);
          one.store();
        }
      }
      if (waiting.length === 0) credit = Math.min(credit, 1);
      await settled();
    }
  }

  /** How long each accepted one took, and what the others were told. */
  async function load(options: { offered: number; perSecond: number; seconds: number; rooms: readonly RoomId[] }) {
    const { offered, perSecond, seconds, rooms } = options;
    const answers: Promise<Result<number>>[] = [];
    let due = 0;
    for (let tick = 0; tick < (seconds * MS_PER_SECOND) / TICK_MS; tick += 1) {
      due += (offered * TICK_MS) / MS_PER_SECOND;
      for (; due >= 1; due -= 1) answers.push(offer(rooms[answers.length % rooms.length] ?? newId("room")));
      await pass(TICK_MS, perSecond);
    }
    await pass(10 * MS_PER_SECOND, perSecond);
    const all = await Promise.all(answers);
    const waits = all.flatMap((answer) => (answer.ok ? [answer.value] : [])).toSorted((a, b) => a - b);
    return { waits, refused: all.flatMap((answer) => (answer.ok ? [] : [answer.error])) };
  }

  /** Sends of one turn, each of which keeps the process busy for `costMs`. */
  function offerTogether(count: number, costMs: number): Promise<Result<number>>[] {
    return Array.from({ length: count }, () => {
      const answer = offer(newId("room"));
      time += costMs;
      return answer;
    });
  }

  return { admission, offer, offerTogether, pass, load };
}

/** All promises that can go on have gone on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const manyRooms = Array.from({ length: 40 }, () => newId("room"));
const percentile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? Infinity;

describe("P11: sends beyond what can be stored", () => {
  test("three times as much is refused with a time for the next try, and what is accepted is stored within a second", async () => {
    const { load } = setUp();
    const { waits, refused } = await load({ offered: 900, perSecond: 300, seconds: 8, rooms: manyRooms });
    expect(percentile(waits, 0.99)).toBeLessThanOrEqual(1_000);
    // Little is wasted: nearly all that could be stored was.
    expect(waits.length).toBeGreaterThan(0.9 * 8 * 300);
    expect(refused.length).toBeGreaterThan(0.5 * 8 * 900);
    expect(refused).toContainEqual(
      expect.objectContaining({ code: "overloaded", retryable: true, retryAfterMs: 1_000 }),
    );
  });

  test("nothing is refused while everything is stored in time", async () => {
    const { load } = setUp();
    expect(await load({ offered: 250, perSecond: 300, seconds: 4, rooms: manyRooms })).toMatchObject({ refused: [] });
  });

  test("a burst of a whole group is taken by a house at rest", async () => {
    const { offer, pass } = setUp();
    const room = newId("room");
    const answers = Array.from({ length: LIMITS.groupMembersMax }, () => offer(room));
    await pass(2_000, 1_000);
    expect((await Promise.all(answers)).every((answer) => answer.ok)).toBe(true);
  });

  test("where nothing is stored any more hardly anything is accepted, and soon after it goes on all is taken again", async () => {
    const { admission, offer, pass } = setUp();
    const early = Array.from({ length: 2 * LIMITS.sendWindowMin }, (_, index) =>
      offer(manyRooms[index % 40] ?? newId("room")),
    );
    await pass(3_000, 0);
    // A look is taken with each send.
    expect(await offer(newId("room"))).toMatchObject({ ok: false, error: { code: "overloaded" } });
    await pass(1_000, 1_000);
    await Promise.all(early);
    await pass(5_000, 1_000);
    const late = offer(newId("room"));
    await pass(100, 1_000);
    expect(await late).toMatchObject({ ok: true });
    expect(admission.windowSize()).toBe(LIMITS.sendWindowFirst);
  });

  test("a few slow sends are no overload: the window stays open", async () => {
    const { admission, offer, pass } = setUp();
    const slow = Array.from({ length: LIMITS.sendWindowMin - 1 }, () => offer(newId("room")));
    await pass(3_000, 0);
    await pass(1_000, 1_000);
    await Promise.all(slow);
    expect(admission.windowSize()).toBeGreaterThanOrEqual(LIMITS.sendWindowFirst);
  });

  test("a room that is stuck leaves half of the window to the others", async () => {
    const { offer, pass } = setUp();
    const stuck = newId("room");
    const held = Array.from({ length: LIMITS.sendWindowMax }, () => offer(stuck));
    await pass(50, 1_000, (room) => room === stuck);
    const others = manyRooms.map((room) => offer(room));
    await pass(50, 1_000, (room) => room === stuck);
    expect((await Promise.all(others)).every((answer) => answer.ok)).toBe(true);
    await pass(5_000, 10_000);
    await Promise.all(held);
  });

  test("what arrives together is taken in only as long as the others can wait for it, and the next turn takes in again", async () => {
    const { offerTogether, pass } = setUp();
    const COST_MS = 1;
    const first = offerTogether(400, COST_MS);
    await pass(TICK_MS, 1_000);
    const second = offerTogether(1, COST_MS);
    await pass(2_000, 1_000);
    const taken = (await Promise.all(first)).map(({ ok: isTaken }) => isTaken);
    const count = LIMITS.sendWindowMin + Math.floor(LIMITS.sendTurnMs / COST_MS);
    expect(taken.indexOf(false)).toBeGreaterThanOrEqual(LIMITS.sendWindowMin);
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(count);
    expect(await Promise.all(second)).toMatchObject([{ ok: true }]);
  });

  test("a slow turn alone refuses nobody: fewer than one insert of one room are always taken in", async () => {
    const { offerTogether, pass } = setUp();
    const few = offerTogether(LIMITS.sendWindowMin, 50);
    await pass(2_000, 1_000);
    expect((await Promise.all(few)).every((answer) => answer.ok)).toBe(true);
  });
});
