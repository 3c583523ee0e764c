import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { Cursor } from "@ashchat/contracts/message";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring, type RingPast, type RingReader, type RingRows } from "./ring";
import { aChange, aMessage, aTranslation, someRoom } from "./testing/factories";
import { storeRoom } from "./testing/stored-room";

const LIMITS = { roomRingMessages: 8, ringLoadMessagesMin: 3, resumePageMessages: 3 };
const READER: RingReader = { language: "es", joinedSeq: 0 };
const START = { seq: 0, changeSeq: 0 };

function aRing(budget = { usedChars: 0, maxChars: 1_000_000 }, limits = LIMITS) {
  const ring = new Ring(START, budget, limits);
  const roomId = someRoom();
  const log: StoredMessage[] = [];
  let changeSeq = 0;
  return {
    ring,
    budget,
    log,
    say(count = 1) {
      for (let index = 0; index < count; index += 1) {
        const message = aMessage({ roomId, seq: log.length + 1 });
        log.push(message);
        ring.addMessage(message);
      }
    },
    translate(seq: number, language: "es" | "fr" = "es") {
      const message = log[seq - 1];
      if (message === undefined) throw new Error(`no message ${seq}`);
      changeSeq += 1;
      const logged = aTranslation(message, language, changeSeq);
      log[seq - 1] = logged.message;
      ring.addChange(logged);
    },
    head: (): Cursor => ({ seq: log.length, changeSeq }),
  };
}

describe("ring", () => {
  it("answers from a cursor that it reaches back to, in pages, and moves the change cursor with the last one", () => {
    const room = aRing();
    room.say(5);
    room.translate(2);
    room.translate(5);
    const first = room.ring.page(START, READER);
    expect(first?.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(first).toMatchObject({ from: START, to: { seq: 3, changeSeq: 0 }, changed: [] });
    const second = room.ring.page({ seq: 3, changeSeq: 0 }, READER);
    expect(second?.messages.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(second?.to).toEqual({ seq: 5, changeSeq: 2 });
    expect(second?.changed.map(({ seq }) => seq)).toEqual([2]);
  });

  it("does not answer a cursor that is too old or ahead of it", () => {
    const room = aRing();
    room.say(LIMITS.roomRingMessages + 2);
    expect(room.ring.page({ seq: 1, changeSeq: 0 }, READER)).toBeNull();
    expect(room.ring.page({ seq: 2, changeSeq: 0 }, READER)).not.toBeNull();
    expect(room.ring.page({ seq: 11, changeSeq: 0 }, READER)).toBeNull();
    expect(room.ring.page({ seq: 10, changeSeq: 1 }, READER)).toBeNull();
  });

  it("leaves out what lies before one's joining and translations into other languages", () => {
    const room = aRing();
    room.say(4);
    room.translate(1);
    room.translate(4, "fr");
    const page = room.ring.page({ seq: 2, changeSeq: 0 }, { language: "es", joinedSeq: 3 });
    expect(page?.messages.map(({ seq }) => seq)).toEqual([4]);
    expect(page?.changed).toEqual([]);
    expect(page?.to).toEqual({ seq: 4, changeSeq: 2 });
  });

  it("keeps within the budget that all rings share, and gives it back", () => {
    const budget = { usedChars: 0, maxChars: 2_000 };
    const [one, two] = [aRing(budget), aRing(budget)];
    one.say(8);
    two.say(8);
    one.translate(8);
    expect(budget.usedChars).toBeLessThanOrEqual(2_000);
    expect(one.ring.page(one.head(), READER)).not.toBeNull();
    one.ring.clear(one.head());
    two.ring.clear(two.head());
    expect(budget.usedChars).toBe(0);
  });

  it("from every cursor that it answers, its pages bring a reader to the present state", () => {
    const step = fc.record({
      isChange: fc.boolean(),
      about: fc.nat(50),
      language: fc.constantFrom("es" as const, "fr" as const),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const room = aRing();
        const snapshots: { cursor: Cursor; state: StoredMessage[] }[] = [{ cursor: START, state: [] }];
        for (const { isChange, about, language } of steps) {
          if (isChange && room.log.length > 0) room.translate(1 + (about % room.log.length), language);
          else room.say();
          snapshots.push({ cursor: room.head(), state: [...room.log] });
        }
        for (const { cursor, state } of snapshots) {
          if (room.ring.page(cursor, READER) === null) continue;
          const resumed = resumeAll(room.ring, cursor, state);
          expect(resumed.cursor).toEqual(room.head());
          expect(resumed.state.map(inSpanish)).toEqual(room.log.map(inSpanish));
        }
      }),
    );
  });

  it("a change of a message that is older than the ring comes with its state", () => {
    const room = aRing();
    room.say(LIMITS.roomRingMessages + 3);
    room.translate(1);
    const page = room.ring.page({ seq: 11, changeSeq: 0 }, READER);
    expect(page?.changed).toMatchObject([{ seq: 1, translations: { es: { text: "in es" } } }]);
  });

  it("of several changes of one message only the newest state comes", () => {
    const room = aRing();
    room.say();
    room.translate(1);
    const [message] = room.log;
    if (message === undefined) throw new Error("no message");
    const change = aChange({ roomId: message.roomId, seq: 2, kind: "deleted", language: null });
    room.ring.addChange({ change, message: { ...message, text: null, version: 9 } });
    expect(room.ring.page({ seq: 1, changeSeq: 0 }, READER)?.changed).toMatchObject([
      { seq: 1, version: 9, text: null },
    ]);
  });
});

/** A ring as it is after a restart: the room is older than it. */
function aYoungRing(
  written: { messages: number; translated?: readonly number[] },
  budget = { usedChars: 0, maxChars: 1_000_000 },
) {
  const room = storeRoom(async () => true);
  for (let count = 0; count < written.messages; count += 1) room.say();
  for (const seq of written.translated ?? []) room.translate(seq, "es");
  const ring = new Ring(room.heads(), budget, LIMITS);
  const rowsOf = ({ messages, changes }: RingPast): RingRows => ({
    messages: room.messages.slice(messages.after, messages.upTo),
    changes: room.changes
      .slice(changes.after, changes.upTo)
      .map(({ change }) => ({ change, message: room.messages[change.messageSeq - 1] ?? aMessage() })),
  });
  return {
    room,
    ring,
    rowsOf,
    /** What it lacks for this cursor, as it is stored now. */
    ask(cursor: Cursor) {
      const past = ring.missing(cursor);
      if (past === null) throw new Error("nothing to ask for");
      return { past, rows: rowsOf(past) };
    },
  };
}

describe("a ring that is filled", () => {
  it("is asked for what a cursor lacks and as much again, at least a few, and never for more than it holds", () => {
    const { ring, room } = aYoungRing({ messages: 20, translated: [1, 2, 3, 4, 5] });
    const { seq, changeSeq } = room.heads();
    const all = { after: 0, upTo: 5 };
    expect(ring.missing({ seq: seq - 1, changeSeq })).toEqual({
      messages: { after: 17, upTo: 20 },
      changes: { after: 2, upTo: 5 },
    });
    expect(ring.missing({ seq: seq - 3, changeSeq })).toEqual({ messages: { after: 14, upTo: 20 }, changes: all });
    expect(ring.missing({ seq: seq - 8, changeSeq })).toEqual({ messages: { after: 12, upTo: 20 }, changes: all });
    expect(ring.missing({ seq: seq - 9, changeSeq })).toBeNull();
    expect(ring.missing({ seq: seq + 1, changeSeq })).toBeNull();
  });

  it("answers from there on, also changes of messages that are older than it", () => {
    const { ring, ask } = aYoungRing({ messages: 20, translated: [1, 19] });
    const cursor = { seq: 18, changeSeq: 0 };
    const { past, rows } = ask(cursor);
    expect(ring.prepend(past, rows)).toBe(true);
    const page = ring.page(cursor, READER);
    expect(page?.to).toEqual({ seq: 20, changeSeq: 2 });
    expect(page?.messages.map(inSpanish)).toEqual(rows.messages.slice(-2).map(inSpanish));
    expect(page?.changed).toMatchObject([{ seq: 1, translations: { es: { text: "in es" } } }]);
  });

  it("shows a message as it is after a change that was fanned out while it was being read", () => {
    const { ring, room, ask } = aYoungRing({ messages: 3 });
    const cursor = { seq: 1, changeSeq: 0 };
    const { past, rows } = ask(cursor);
    ring.addChange(room.edit(2));
    ring.addMessage(room.say());
    expect(ring.prepend(past, rows)).toBe(true);
    expect(ring.page(cursor, READER)?.messages.map(({ text }) => text)).toEqual(
      room.messages.slice(1, 4).map(({ text }) => text),
    );
    expect(ring.page({ seq: 2, changeSeq: 0 }, READER)?.changed).toMatchObject([{ seq: 2, revision: 2 }]);
  });

  it("does not take what would leave a hole: rows are missing, it has dropped its oldest or has begun anew meanwhile", () => {
    const cursor = { seq: 18, changeSeq: 1 };
    const fresh = () => aYoungRing({ messages: 20, translated: [1, 2] });

    const short = fresh();
    const asked = short.ask(cursor);
    expect(short.ring.prepend(asked.past, { ...asked.rows, messages: asked.rows.messages.slice(1) })).toBe(false);
    expect(short.ring.prepend(asked.past, { ...asked.rows, changes: asked.rows.changes.slice(0, -1) })).toBe(false);

    const busy = fresh();
    const early = busy.ask(cursor);
    for (let count = 0; count <= LIMITS.roomRingMessages; count += 1) busy.ring.addMessage(busy.room.say());
    expect(busy.ring.prepend(early.past, early.rows)).toBe(false);

    const jumped = fresh();
    const before = jumped.ask(cursor);
    jumped.ring.clear({ seq: 90, changeSeq: 2 });
    expect(jumped.ring.prepend(before.past, before.rows)).toBe(false);
    expect(jumped.ring.page(cursor, READER)).toBeNull();
  });

  it("holds no more than any ring", () => {
    const { ring, room, ask } = aYoungRing({ messages: 20 });
    const { past, rows } = ask({ seq: 13, changeSeq: 0 });
    for (let count = 0; count < 3; count += 1) ring.addMessage(room.say());
    expect(ring.prepend(past, rows)).toBe(true);
    expect(ring.page({ seq: 14, changeSeq: 0 }, READER)).toBeNull();
    expect(ring.page({ seq: 15, changeSeq: 0 }, READER)).not.toBeNull();
  });

  it.each([1_000, 3_000])("within a budget of %i leaves half of it to what is said", (maxChars) => {
    const budget = { usedChars: 0, maxChars };
    const [one, other] = [aYoungRing({ messages: 20 }, budget), aYoungRing({ messages: 20 }, budget)];
    const [first, second] = [one.ask({ seq: 14, changeSeq: 0 }), other.ask({ seq: 14, changeSeq: 0 })];
    expect(one.ring.prepend(first.past, first.rows)).toBe(true);
    expect(budget.usedChars).toBeLessThanOrEqual(maxChars);
    expect(other.ring.prepend(second.past, second.rows)).toBe(false);
    expect(other.ring.missing({ seq: 14, changeSeq: 0 })).toBeNull();
    one.ring.clear({ seq: 20, changeSeq: 0 });
    expect(budget.usedChars).toBe(0);
  });
});

/** As a client does it: apply page after page. */
function resumeAll(
  ring: Ring,
  from: Cursor,
  state: readonly StoredMessage[],
): { cursor: Cursor; state: StoredMessage[] } {
  const bySeq = new Map(state.map((message) => [message.seq, message]));
  let cursor = from;
  for (let page = ring.page(cursor, READER); page !== null; page = ring.page(cursor, READER)) {
    for (const message of [...page.messages, ...page.changed]) bySeq.set(message.seq, message);
    if (page.to.seq === cursor.seq && page.to.changeSeq === cursor.changeSeq) break;
    cursor = page.to;
  }
  return { cursor, state: [...bySeq.values()] };
}

/** What a Spanish reader sees of it. */
function inSpanish({ seq, text, translations }: StoredMessage) {
  return { seq, text, es: translations.es ?? null };
}
