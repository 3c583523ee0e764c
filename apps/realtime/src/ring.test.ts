import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { Cursor } from "@ashchat/contracts/message";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring, type RingReader } from "./ring";
import { aChange, aMessage, aTranslation, someRoom } from "./testing/factories";

const LIMITS = { roomRingMessages: 8, resumePageMessages: 3 };
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
