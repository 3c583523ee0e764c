import { newId, type RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor } from "@ashchat/contracts/message";
import { resumeRoom } from "@ashchat/core/conversation/resume";
import { describe, expect, it } from "vitest";
import { createGate } from "./gate";
import { Registry } from "./registry";
import { requestResume, type ResumeDeps, type ResumingConnection } from "./resume";
import { aMessage, failTest, someone, someRoom } from "./testing/factories";
import { aConnection, aLiveRoom, follow, turn } from "./testing/live-room";
import { storeRoom } from "./testing/stored-room";

const RING = { roomRingMessages: 6 };

/** A room with its logs, a live feed, and one reader whose client follows the rules of the protocol. */
function setUp(written: number) {
  const state = { isDown: false, isSlow: false, isFilling: false, databaseReads: 0 };
  const stored = storeRoom(async () => {
    await turn();
    return !state.isDown;
  });
  const { roomId, messages: log } = stored;
  for (let count = 0; count < written; count += 1) stored.say();

  const registry = new Registry<ResumingConnection>();
  const { feed, ring } = aLiveRoom(registry, { roomId, heads: stored.heads(), ringLimits: RING });
  const others = new Map<RoomId, ReturnType<typeof aLiveRoom>>();
  const { connection, frames, pagesPerDrain } = aConnection(state);
  registry.add(connection, { userId: someone(), sessionId: newId("ses") });
  registry.subscribe(connection, { roomId, joinedSeq: 0, language: "es", isLanguageOwn: false });
  const deps: ResumeDeps = {
    registry,
    rooms: { get: (id) => (id === roomId ? { roomId, feed, ring } : others.get(id)) },
    gate: createGate(1),
    limits: LIMITS,
    async reachBack() {
      if (!state.isFilling) return false;
      await turn();
      return true;
    },
    async readResume(input) {
      state.databaseReads += 1;
      await turn();
      return await resumeRoom({ messages: stored.store }, input);
    },
    sleep: turn,
    random: () => 0,
    onError: failTest,
    onResume: () => undefined,
  };
  return {
    roomId,
    log,
    state,
    frames,
    registry,
    connection,
    heads: stored.heads,
    /** Stored, but announced later or never. */
    store: stored.say,
    announce(seq: number) {
      const message = log[seq - 1];
      if (message !== undefined) feed.offerMessage(message, 1);
    },
    say: () => feed.offerMessage(stored.say(), 1),
    translate: (seq: number, language: Language) => feed.offerChange(stored.translate(seq, language), 1),
    ask: (cursor: Cursor) => requestResume(deps, connection, [{ roomId, ...cursor }]),
    /** Behind this room, one of which the ring holds everything. */
    askWithAnother(cursor: Cursor) {
      const otherId = someRoom();
      const other = aLiveRoom(registry, { roomId: otherId });
      others.set(otherId, other);
      registry.subscribe(connection, { roomId: otherId, joinedSeq: 0, language: "es", isLanguageOwn: false });
      const sayThere = (seq: number) => other.feed.offerMessage(aMessage({ roomId: otherId, seq }), 1);
      sayThere(1);
      frames.length = 0;
      requestResume(deps, connection, [
        { roomId, ...cursor },
        { roomId: otherId, seq: 0, changeSeq: 0 },
      ]);
      return { otherId, sayThere };
    },
    /** Rooms with news of which the ring holds everything; their ids. */
    askManyRooms(count: number): RoomId[] {
      const roomIds = Array.from({ length: count }, () => someRoom());
      for (const id of roomIds) {
        const live = aLiveRoom(registry, { roomId: id });
        others.set(id, live);
        registry.subscribe(connection, { roomId: id, joinedSeq: 0, language: "es", isLanguageOwn: false });
        live.feed.offerMessage(aMessage({ roomId: id, seq: 1 }), 1);
      }
      frames.length = 0;
      requestResume(
        deps,
        connection,
        roomIds.map((id) => ({ roomId: id, seq: 0, changeSeq: 0 })),
      );
      return roomIds;
    },
    pagesPerDrain,
    async settled() {
      for (let turns = 0; connection.resuming !== null; turns += 1) {
        if (turns > 1_000) throw new Error("the resume never ends");
        await turn();
      }
    },
  };
}

describe("resume", () => {
  it("while the database is away says so once, goes on when it is back, and nothing is lost", async () => {
    const room = setUp(20);
    room.state.isDown = true;
    room.ask({ seq: 0, changeSeq: 0 });
    for (let turns = 0; turns < 20; turns += 1) await turn();
    room.say();
    expect(room.state.databaseReads).toBeGreaterThan(2);
    room.state.isDown = false;
    await room.settled();
    expect(room.frames.filter((frame) => frame.t === "error")).toMatchObject([
      { code: "unavailable", retryable: true },
    ]);
    expect(follow(room.frames, { seq: 0, changeSeq: 0 }, [])).toMatchObject({
      cursor: { seq: 21 },
      holes: [],
      repeats: [],
    });
  });

  it("of a cursor ahead of what was fanned out misses nothing that is fanned out while the database is asked", async () => {
    const room = setUp(0);
    room.store();
    room.store();
    room.ask({ seq: 2, changeSeq: 0 });
    // One turn until the heads are read; the answer is then on its way.
    await turn();
    await turn();
    room.announce(1);
    room.announce(2);
    room.say();
    await room.settled();
    const reader = follow(room.frames, { seq: 2, changeSeq: 0 }, []);
    expect(reader).toMatchObject({ cursor: { seq: 3 }, holes: [], repeats: [], seqs: [3] });
  });

  it("what is said in a room that waits for its turn comes with that room's pages, not before them", async () => {
    const room = setUp(20);
    const { otherId, sayThere } = room.askWithAnother({ seq: 0, changeSeq: 0 });
    sayThere(2);
    await room.settled();
    sayThere(3);
    const there = room.frames.filter((frame) => "roomId" in frame && frame.roomId === otherId);
    expect(there.map(({ t }) => t)).toEqual(["page", "caught_up", "message"]);
    expect(follow(there, { seq: 0, changeSeq: 0 }, [])).toMatchObject({ cursor: { seq: 3 }, holes: [], repeats: [] });
  });

  it("the pages of many rooms come one at a time, each when the socket has taken the one before", async () => {
    const room = setUp(0);
    const roomIds = room.askManyRooms(5);
    await room.settled();
    const pages = room.frames.filter((frame) => frame.t === "page");
    expect(pages.map(({ roomId }) => roomId)).toEqual(roomIds);
    expect(Math.max(...room.pagesPerDrain())).toBe(1);
  });

  it("of somebody who is removed meanwhile ends without another page", async () => {
    const room = setUp(20);
    room.ask({ seq: 0, changeSeq: 0 });
    room.registry.unsubscribe(room.connection, room.roomId);
    await room.settled();
    expect(room.frames).toMatchObject([{ t: "error", code: "not_found" }]);
  });

  it("P13: of somebody who is removed while the ring is being filled ends without a page", async () => {
    const room = setUp(20);
    room.state.isFilling = true;
    room.ask({ seq: 15, changeSeq: 0 });
    room.registry.unsubscribe(room.connection, room.roomId);
    room.say();
    await room.settled();
    expect(room.frames).toMatchObject([{ t: "error", code: "not_found" }]);
    expect(room.state.databaseReads).toBe(0);
  });

  it("what the ring holds is answered at once, without the database", () => {
    const room = setUp(0);
    for (let count = 0; count < RING.roomRingMessages; count += 1) room.say();
    room.frames.length = 0;
    room.ask({ seq: 2, changeSeq: 0 });
    expect(room.frames.map(({ t }) => t)).toEqual(["page", "caught_up"]);
    expect(room.state.databaseReads).toBe(0);
  });

  it("P15: caught_up says no more than the pages before it, also where nothing concerns the reader", () => {
    const room = setUp(0);
    room.say();
    room.translate(1, "fr");
    room.frames.length = 0;
    room.ask({ seq: 1, changeSeq: 0 });
    const cursor = { seq: 1, changeSeq: 1 };
    expect(room.frames).toMatchObject([
      { t: "page", to: cursor, messages: [], changed: [] },
      { t: "caught_up", cursor },
    ]);
  });
});
