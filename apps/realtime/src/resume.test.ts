import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import { fail, ok } from "@ashchat/contracts/result";
import { resumeRoom } from "@ashchat/core/conversation/resume";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fanChange, fanMessage, Relevance } from "./fanout";
import { createGate } from "./gate";
import { Registry } from "./registry";
import { requestResume, type ResumeDeps, type ResumingConnection } from "./resume";
import { Ring } from "./ring";
import { RoomFeed, type LoggedChange } from "./room-feed";
import { aMessage, aTranslation, failTest, someone, someRoom } from "./testing/factories";

const RING = { roomRingMessages: 6, resumePageMessages: LIMITS.resumePageMessages };
const turn = () => new Promise(setImmediate);

/** A room with its logs, a live feed, and one reader whose client follows the rules of the protocol. */
function setUp(written: number) {
  const roomId = someRoom();
  const log: StoredMessage[] = [];
  const changes: LoggedChange[] = [];
  const state = { isDown: false, isSlow: false, databaseReads: 0 };
  const heads = (): Cursor => ({ seq: log.length, changeSeq: changes.length });
  const store = () => log.push(aMessage({ roomId, seq: log.length + 1 }));
  for (let count = 0; count < written; count += 1) store();

  const registry = new Registry<ResumingConnection>();
  const { feed, ring } = aLiveRoom(registry, roomId, heads());
  const others = new Map<RoomId, ReturnType<typeof aLiveRoom>>();
  const { connection, frames, pagesPerDrain } = aConnection(state);
  registry.add(connection, { userId: someone(), sessionId: newId("ses") });
  registry.subscribe(connection, { roomId, joinedSeq: 0, language: "es", isLanguageOwn: false });
  const deps: ResumeDeps = {
    registry,
    rooms: { get: (id) => (id === roomId ? { feed, ring } : others.get(id)) },
    gate: createGate(1),
    limits: LIMITS,
    async readResume(input) {
      state.databaseReads += 1;
      await turn();
      return state.isDown
        ? fail(appError("unavailable", "down"))
        : await resumeRoom({ messages: storeOf(log, changes) }, input);
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
    heads,
    /** Stored, but announced later or never. */
    store,
    announce(seq: number) {
      const message = log[seq - 1];
      if (message !== undefined) feed.offerMessage(message, 1);
    },
    say() {
      store();
      const message = log.at(-1);
      if (message !== undefined) feed.offerMessage(message, 1);
    },
    translate(seq: number, language: Language = "es") {
      const message = log[seq - 1];
      if (message === undefined) return;
      const logged = aTranslation(message, language, changes.length + 1);
      log[seq - 1] = logged.message;
      changes.push(logged);
      feed.offerChange(logged, 1);
    },
    ask: (cursor: Cursor) => requestResume(deps, connection, [{ roomId, ...cursor }]),
    /** Behind this room, one of which the ring holds everything. */
    askWithAnother(cursor: Cursor) {
      const otherId = someRoom();
      const other = aLiveRoom(registry, otherId, { seq: 0, changeSeq: 0 });
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
        const live = aLiveRoom(registry, id, { seq: 0, changeSeq: 0 });
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

/** What it fans out reaches its readers and its ring. */
function aLiveRoom(registry: Registry<ResumingConnection>, roomId: RoomId, heads: Cursor) {
  const ring = new Ring(heads, { usedChars: 0, maxChars: 1_000_000 }, RING);
  const relevance = new Relevance(0);
  const feed = aFeed({
    onMessage(message) {
      ring.addMessage(message);
      fanMessage(registry.readersOf(roomId), message);
    },
    onChange(logged) {
      ring.addChange(logged);
      fanChange(registry.readersOf(roomId), relevance, logged);
    },
  });
  feed.start(heads, 1);
  return { feed, ring };
}

function aFeed(events: { onMessage(message: StoredMessage): void; onChange(logged: LoggedChange): void }): RoomFeed {
  const unused = async () => fail(appError("internal", "no hole here"));
  return new RoomFeed(
    {
      ...events,
      onJump: () => undefined,
      readMessages: unused,
      readChanges: unused,
      readHeads: unused,
      checkMembers: unused,
      onError: failTest,
      later: () => () => undefined,
    },
    LIMITS,
  );
}

function aConnection(state: { isSlow: boolean }) {
  const frames: ServerFrame[] = [];
  const drains: number[] = [];
  const read = (frame: Buffer) => {
    const text = frame.toString();
    frames.push(JSON.parse(text.slice(text.indexOf("{"))));
  };
  const connection: ResumingConnection = {
    isClosed: false,
    resuming: null,
    close: () => frames.push({ t: "reconnect", afterMs: 0 }),
    push: read,
    pushEphemeral: read,
    send: (frame) => frames.push(structuredClone(frame)),
    refuse: ({ code, retryable }) =>
      frames.push({ t: "error", code, retryable, retryAfterMs: null, ref: null, roomId: null }),
    drained: async () => {
      drains.push(frames.length);
      if (state.isSlow) await turn();
    },
  };
  /** How many pages were written each time before the socket was waited for. */
  const pagesPerDrain = () =>
    [...drains, frames.length].map(
      (end, index) => frames.slice(drains[index - 1] ?? 0, end).filter((frame) => frame.t === "page").length,
    );
  return { connection, frames, pagesPerDrain };
}

function storeOf(log: readonly StoredMessage[], changes: readonly LoggedChange[]) {
  return {
    async heads([roomId]: readonly RoomId[]) {
      const heads = { seq: log.length, changeSeq: changes.length };
      // On its way back, while others write.
      await turn();
      return ok(new Map(roomId === undefined ? [] : [[roomId, heads]]));
    },
    page: async ({ after, before, limit }: { after: number; before: number | null; limit: number }) =>
      ok(log.slice(after, before === null ? undefined : before - 1).slice(0, limit)),
    changesAfter: async (_roomId: string, after: number, limit: number) =>
      ok(changes.slice(after, after + limit).map(({ change }) => change)),
    findMany: async (_roomId: string, seqs: readonly number[]) =>
      ok(log.filter((message) => seqs.includes(message.seq))),
  };
}

/** The client's rules: what it has after these frames, and whether anything came twice or left a hole. */
function follow(frames: readonly ServerFrame[], from: Cursor, had: readonly MessageView[]) {
  const bySeq = new Map(had.map((view) => [view.seq, view]));
  const flaws: string[] = [];
  let cursor = from;
  for (const frame of frames) {
    if (frame.t === "message") {
      if (frame.message.seq === cursor.seq + 1) {
        cursor = { ...cursor, seq: frame.message.seq };
        bySeq.set(frame.message.seq, frame.message);
      } else flaws.push(`message ${frame.message.seq} at ${cursor.seq}`);
    } else if (frame.t === "change") {
      if (frame.since > cursor.changeSeq) flaws.push(`change since ${frame.since} at ${cursor.changeSeq}`);
      if (frame.seq <= cursor.changeSeq) flaws.push(`change ${frame.seq} again`);
      cursor = { ...cursor, changeSeq: frame.seq };
      bySeq.set(frame.message.seq, frame.message);
    } else if (frame.t === "page") {
      if (frame.from.seq !== cursor.seq) flaws.push(`page from ${frame.from.seq} at ${cursor.seq}`);
      for (const view of [...frame.messages, ...frame.changed]) bySeq.set(view.seq, view);
      cursor = frame.to;
    }
  }
  const translated = [...bySeq.values()].filter((view) => view.translation !== null).map((view) => view.seq);
  return { cursor, flaws, seqs: [...bySeq.keys()], translated: translated.toSorted((a, b) => a - b) };
}

describe("resume", () => {
  it("whatever happens meanwhile: each event once, in order, and the reader's state is the room's", async () => {
    const event = fc.constantFrom("say", "say", "translate", "turn");
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          written: fc.nat(30),
          before: fc.array(event, { maxLength: 12 }),
          during: fc.array(event, { maxLength: 25 }),
          after: fc.array(event, { maxLength: 8 }),
          back: fc.nat(40),
          isSlow: fc.boolean(),
        }),
        async ({ written, before, during, after, back, isSlow }) => {
          const room = setUp(written);
          room.state.isSlow = isSlow;
          const run = async (events: readonly string[]) => {
            for (const [index, name] of events.entries()) {
              if (name === "say") room.say();
              if (name === "translate") room.translate(1 + (index % Math.max(1, room.log.length)));
              if (name === "turn") await turn();
            }
          };
          await run(before);
          const from = { seq: Math.max(0, room.heads().seq - back), changeSeq: 0 };
          const had: MessageView[] = room.log
            .slice(0, from.seq)
            .map(({ messageId: _messageId, translations: _translations, ...view }) => ({ ...view, translation: null }));
          room.frames.length = 0;
          room.ask(from);
          await run(during);
          await room.settled();
          await run(after);
          await turn();

          const reader = follow(room.frames, from, had);
          expect(reader.flaws).toEqual([]);
          expect(reader.cursor).toEqual(room.heads());
          expect(reader.seqs).toEqual(room.log.map(({ seq }) => seq));
          const translated = room.log.filter((message) => message.translations.es !== undefined);
          expect(reader.translated).toEqual(translated.map(({ seq }) => seq));
          expect(room.frames.filter((frame) => frame.t === "caught_up")).toHaveLength(1);
        },
      ),
      { numRuns: 200 },
    );
  });

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
    expect(follow(room.frames, { seq: 0, changeSeq: 0 }, [])).toMatchObject({ cursor: { seq: 21 }, flaws: [] });
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
    expect(reader).toMatchObject({ cursor: { seq: 3 }, flaws: [], seqs: [3] });
  });

  it("what is said in a room that waits for its turn comes with that room's pages, not before them", async () => {
    const room = setUp(20);
    const { otherId, sayThere } = room.askWithAnother({ seq: 0, changeSeq: 0 });
    sayThere(2);
    await room.settled();
    sayThere(3);
    const there = room.frames.filter((frame) => "roomId" in frame && frame.roomId === otherId);
    expect(there.map(({ t }) => t)).toEqual(["page", "caught_up", "message"]);
    expect(follow(there, { seq: 0, changeSeq: 0 }, [])).toMatchObject({ cursor: { seq: 3 }, flaws: [] });
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
