import { appError } from "@ashchat/contracts/errors";
import { fail, ok } from "@ashchat/contracts/result";
import { describe, expect, it } from "vitest";
import { createReceipts, type Marks } from "./receipts";
import { failTest, someone, someRoom } from "./testing/factories";

const INTERVAL_MS = 1_000;
const [userId, roomId] = [someone(), someRoom()];

function setUp(head: number | null = 100) {
  const state = { now: 10_000, head, written: [] as Marks[], isDown: false };
  const receipts = createReceipts({
    headOf: () => state.head,
    mark: async (_userId, _roomId, marks) => {
      if (state.isDown) return fail(appError("unavailable", "down"));
      state.written.push(marks);
      return ok(undefined);
    },
    receiptIntervalMs: INTERVAL_MS,
    now: () => state.now,
    onError: failTest,
  });
  const pass = async (ms: number) => {
    state.now += ms;
    receipts.tick();
    await new Promise(setImmediate);
  };
  return { state, receipts, pass };
}

describe("receipts", () => {
  it("writes the first mark at once and merges what follows into one write per interval", async () => {
    const { state, receipts, pass } = setUp();
    receipts.note(userId, roomId, { deliveredSeq: 1 });
    for (let seq = 2; seq <= 9; seq += 1) {
      receipts.note(userId, roomId, { deliveredSeq: seq });
      receipts.note(userId, roomId, { readSeq: seq - 1 });
    }
    await pass(INTERVAL_MS / 2);
    expect(state.written).toEqual([{ deliveredSeq: 1, readSeq: 0 }]);
    await pass(INTERVAL_MS / 2);
    expect(state.written.slice(1)).toEqual([{ deliveredSeq: 9, readSeq: 8 }]);
    await pass(INTERVAL_MS);
    expect(state.written).toHaveLength(2);
  });

  it("never writes a mark beyond what was fanned out here", () => {
    const { state, receipts } = setUp(5);
    receipts.note(userId, roomId, { readSeq: 1_000_000 });
    expect(state.written).toEqual([{ deliveredSeq: 0, readSeq: 5 }]);
  });

  it("a late smaller mark does not take back a larger one that waits", async () => {
    const { state, receipts, pass } = setUp();
    receipts.note(userId, roomId, { readSeq: 1 });
    await pass(1);
    receipts.note(userId, roomId, { readSeq: 7 });
    receipts.note(userId, roomId, { readSeq: 3 });
    await pass(INTERVAL_MS);
    expect(state.written.at(-1)).toMatchObject({ readSeq: 7 });
  });

  it("what could not be written is written when the database is back", async () => {
    const { state, receipts, pass } = setUp();
    state.isDown = true;
    receipts.note(userId, roomId, { readSeq: 4 });
    await pass(INTERVAL_MS);
    state.isDown = false;
    await pass(INTERVAL_MS);
    await pass(INTERVAL_MS);
    expect(state.written).toEqual([{ deliveredSeq: 0, readSeq: 4 }]);
  });

  it("flush writes what waits without waiting", async () => {
    const { state, receipts } = setUp();
    receipts.note(userId, roomId, { readSeq: 1 });
    receipts.note(userId, roomId, { readSeq: 2 });
    await receipts.flush();
    expect(state.written.at(-1)).toMatchObject({ readSeq: 2 });
  });

  it("of a room that is not followed any more writes nothing", () => {
    const { state, receipts } = setUp(null);
    receipts.note(userId, roomId, { readSeq: 1 });
    expect(state.written).toEqual([]);
  });
});
