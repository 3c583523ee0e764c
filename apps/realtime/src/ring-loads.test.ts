import { describe, expect, it } from "vitest";
import { createGate } from "./gate";
import { Ring } from "./ring";
import { createRingLoads } from "./ring-loads";
import { turn } from "./testing/live-room";
import { storeRoom } from "./testing/stored-room";

const LIMITS = { roomRingMessages: 64, ringLoadMessagesMin: 4, resumePageMessages: 100 };

const MESSAGES = 100;

function setUp({ translated = [] as number[] } = {}) {
  const state = { isUp: true, reads: [] as string[], outcomes: [] as string[], errors: [] as string[] };
  const room = storeRoom(async (read) => {
    state.reads.push(read);
    await turn();
    return state.isUp;
  });
  for (let count = 0; count < MESSAGES; count += 1) room.say();
  for (const seq of translated) room.translate(seq, "es");
  const ring = new Ring(room.heads(), { usedChars: 0, maxChars: 1_000_000 }, LIMITS);
  const loads = createRingLoads({
    messages: room.store,
    gate: createGate(2),
    onError: (_error, what) => void state.errors.push(what),
    onLoad: (outcome) => void state.outcomes.push(outcome),
  });
  const back = (count: number, changeSeq = room.heads().changeSeq) =>
    loads.reachBack({ roomId: room.roomId, ring }, { seq: room.messages.length - count, changeSeq });
  return { state, room, ring, back };
}

describe("ring loads", () => {
  it("however many ask at once: one load, and all are answered", async () => {
    const { state, back } = setUp();
    expect(await Promise.all(Array.from({ length: 200 }, () => back(3)))).toEqual(Array(200).fill(true));
    expect(state.reads).toEqual(["page"]);
  });

  it("whoever lacks more waits, and few loads are enough for all", async () => {
    const { state, back } = setUp();
    const asked = await Promise.all(Array.from({ length: 60 }, (_, index) => back(index + 1)));
    expect(asked.every(Boolean)).toBe(true);
    // 4, 8, 16, 32 and 64: each at least doubles the ring.
    expect(state.reads.length).toBeLessThanOrEqual(5);
  });

  it("reads changes with their messages, those that it has read already not again", async () => {
    const near = setUp({ translated: [98, 99] });
    expect(await near.back(3, 0)).toBe(true);
    expect(near.state.reads).toEqual(["page", "changesAfter"]);
    const far = setUp({ translated: [1, 99] });
    expect(await far.back(3, 0)).toBe(true);
    expect(far.state.reads).toEqual(["page", "changesAfter", "findMany"]);
  });

  it("of what is too far away, or ahead, reads nothing", async () => {
    const { state, back } = setUp();
    expect(await Promise.all([back(65), back(-1)])).toEqual([false, false]);
    expect(state.reads).toEqual([]);
  });

  it("that fails sends everybody who waits to the database, once, and the next one tries again", async () => {
    const { state, back } = setUp();
    state.isUp = false;
    expect(await Promise.all([back(1), back(2), back(3)])).toEqual([false, false, false]);
    expect(state.reads).toEqual(["page"]);
    state.isUp = true;
    expect(await back(3)).toBe(true);
    expect(state.outcomes).toEqual(["failed", "taken"]);
  });

  it("that breaks is reported, and nobody waits for it for ever", async () => {
    const { state, room, back } = setUp();
    room.store.page = () => Promise.reject(new Error("a mistake of ours"));
    expect(await Promise.all([back(1), back(2)])).toEqual([false, false]);
    expect(state.errors).toEqual(["filling a ring"]);
  });

  it("whose ring began anew meanwhile is dropped", async () => {
    const { state, ring, back } = setUp();
    const asking = back(3);
    ring.clear({ seq: 500, changeSeq: 0 });
    expect(await asking).toBe(false);
    expect(state.outcomes).toEqual(["dropped"]);
  });
});
