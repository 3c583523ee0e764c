import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { resumeRoom } from "@ashchat/core/conversation/resume";
import { viewMessage } from "@ashchat/core/message-view";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGate } from "./gate";
import { Registry } from "./registry";
import { requestResume, type ResumeDeps, type ResumingConnection } from "./resume";
import { createRingLoads } from "./ring-loads";
import { failTest, someone } from "./testing/factories";
import { aConnection, aLiveRoom, follow, shownOf, turn } from "./testing/live-room";
import { storeRoom, type StoredRoom } from "./testing/stored-room";

/** Small, so that rings end and fill up in the course of a test. */
const RING = { roomRingMessages: 12, ringLoadMessagesMin: 2 };

const happening = fc.record({
  kind: fc.constantFrom(
    ...(["say", "say", "say", "translate", "translate", "translate into french", "edit", "delete"] as const),
  ),
  /** Of the messages, counted from the newest. */
  about: fc.oneof(fc.nat(3), fc.nat(100)),
  /** Announced with the next announcement that comes on time. */
  isLate: fc.boolean(),
});
type Happening = Parameters<Parameters<typeof happening.map>[0]>[0];

const event = fc.oneof(
  happening,
  fc.constantFrom(...(["turn", "turn", "turn", "turn", "turn", "go down", "come up"] as const)),
);

const reader = fc.record({
  /** What they missed: so many of the things that happened. */
  back: fc.oneof(fc.nat(10), fc.nat(80)),
  language: fc.constantFrom("es" as const, "fr" as const),
  joinedAt: fc.constantFrom(0, 0, 0, 5),
  asksAt: fc.nat(12),
  isSlow: fc.boolean(),
});

const course = fc.record({
  beforeRestart: fc.array(happening, { maxLength: 40 }),
  afterwards: fc.array(event, { maxLength: 40 }),
  readers: fc.array(reader, { minLength: 1, maxLength: 4 }),
  ringCharsMax: fc.constantFrom(1_000_000, 1_000_000, 12_000, 1_000),
});
type Course = Parameters<Parameters<typeof course.map>[0]>[0];
type Reader = Course["readers"][number];

function setUp(ringCharsMax: number, isFilling: boolean) {
  const state = { isDown: false };
  const stored = storeRoom(async () => {
    await turn();
    return !state.isDown;
  });
  const registry = new Registry<ResumingConnection>();
  const seen: { cursor: ReturnType<typeof stored.heads>; messages: StoredRoom["messages"] }[] = [];
  const look = () => seen.push({ cursor: stored.heads(), messages: [...stored.messages] });
  look();
  let restartedAt = 0;

  function startNode() {
    restartedAt = stored.messages.length;
    const { roomId } = stored;
    const room = aLiveRoom(registry, { roomId, heads: stored.heads(), ringLimits: RING, ringCharsMax });
    const gate = createGate(2);
    const loads = createRingLoads({ messages: stored.store, gate, onError: failTest, onLoad: () => undefined });
    const deps: ResumeDeps = {
      registry,
      rooms: { get: () => room },
      gate,
      limits: LIMITS,
      reachBack: async (asked, cursor) => isFilling && (await loads.reachBack(asked, cursor)),
      readResume: (input) => resumeRoom({ messages: stored.store }, input),
      sleep: turn,
      random: () => 0,
      onError: failTest,
      onResume: () => undefined,
    };
    return { feed: room.feed, deps };
  }

  function happen({ kind, about }: Happening) {
    const seq = Math.max(1, stored.messages.length - about);
    const said = kind === "say" || stored.messages.length === 0 ? stored.say() : null;
    const logged = said === null ? changeOf(kind, seq) : null;
    look();
    return { said, logged };
  }

  function changeOf(kind: Happening["kind"], seq: number) {
    if (kind === "edit") return stored.edit(seq);
    if (kind === "delete") return stored.delete(seq);
    return stored.translate(seq, kind === "translate" ? "es" : "fr");
  }

  /** Comes back with what they had `back` happenings ago. */
  function connect({ back, language, joinedAt, isSlow }: Reader, deps: ResumeDeps) {
    const joinedSeq = Math.min(joinedAt, restartedAt);
    const { connection, frames } = aConnection({ isSlow });
    const { cursor, messages } = seen.at(-1 - back) ?? { cursor: { seq: 0, changeSeq: 0 }, messages: [] };
    const viewsOf = (all: StoredRoom["messages"]) =>
      all.slice(joinedSeq).map((message) => viewMessage(message, language));
    registry.add(connection, { userId: someone(), sessionId: newId("ses") });
    registry.subscribe(connection, { roomId: stored.roomId, joinedSeq, language, isLanguageOwn: false });
    requestResume(deps, connection, [{ roomId: stored.roomId, ...cursor }]);
    return {
      hasJoinedLater: joinedSeq > 0,
      isResuming: () => connection.resuming !== null,
      caughtUpCount: () => frames.filter((frame) => frame.t === "caught_up").length,
      has: () => follow(frames, cursor, viewsOf(messages)),
      shouldSee: () => viewsOf(stored.messages).map(shownOf),
      lastConcerning: () =>
        stored.changes.findLast(({ change, message }) => {
          const isOtherLanguage = change.kind === "translated" && change.language !== language;
          return !isOtherLanguage && message.seq > joinedSeq;
        })?.change.seq ?? 0,
    };
  }

  return { state, stored, startNode, happen, connect };
}

async function run({ beforeRestart, afterwards, readers, ringCharsMax }: Course, isFilling: boolean) {
  const house = setUp(ringCharsMax, isFilling);
  for (const past of beforeRestart) house.happen(past);
  const { feed, deps } = house.startNode();
  const late: (() => void)[] = [];
  const announceLate = () => late.splice(0).forEach((announce) => announce());
  const back: ReturnType<typeof house.connect>[] = [];
  for (let step = 0; step < Math.max(afterwards.length, 13); step += 1) {
    for (const who of readers) if (who.asksAt === step) back.push(house.connect(who, deps));
    const event = afterwards[step] ?? "turn";
    if (event === "turn") await turn();
    else if (typeof event === "string") house.state.isDown = event === "go down";
    else {
      const { said, logged } = house.happen(event);
      late.push(() => {
        if (said !== null) feed.offerMessage(said, 1);
        if (logged !== null) feed.offerChange(logged, 1);
      });
      if (!event.isLate) announceLate();
    }
  }
  house.state.isDown = false;
  announceLate();
  for (let waited = 0; back.some((who) => who.isResuming()); waited += 1) {
    if (waited > 1_000) throw new Error("the resume never ends");
    await turn();
  }
  return back;
}

describe("somebody who comes back after a restart", () => {
  it("P4, P15: has each event once and in order and then the room's state, by rings that are filled as by the database", async () => {
    await fc.assert(
      fc.asyncProperty(course, fc.boolean(), async (what, isFilling) => {
        for (const who of await run(what, isFilling)) {
          const { holes, repeats, views, cursor } = who.has();
          // Whoever joined later is not told of changes of what lies before, and asks again.
          if (!who.hasJoinedLater) expect(holes).toEqual([]);
          // Whoever read what this node had not heard of yet hears it again.
          if (!what.afterwards.some((event) => typeof event === "object" && event.isLate)) expect(repeats).toEqual([]);
          expect(views).toEqual(who.shouldSee());
          expect(cursor.changeSeq).toBeGreaterThanOrEqual(who.lastConcerning());
          expect(who.caughtUpCount()).toBe(1);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
