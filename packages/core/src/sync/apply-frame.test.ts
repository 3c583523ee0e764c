import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import type { MemberMarks } from "@ashchat/contracts/realtime";
import type { MemberView } from "@ashchat/contracts/room";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoomFrame } from "./apply-frame";
import { applyFrame, expireTyping } from "./apply-frame";
import { applyHistory, attachDetached, clearTranslations, replaceHistory, resizeWindow } from "./apply-history";
import type { RoomState, SyncEffect } from "./room-state";
import { createRoomState, deliverableSeq, hasOlder, unreadOf, viewOf } from "./room-state";
import { resumeNow, resumeWhenDue } from "./settle";
import { ModelServer, READER, ROOM, WRITER, doneTranslation, messageOf } from "./testing/model-server";

function roomWith(messages: number): RoomState {
  const server = new ModelServer(1_000);
  for (let sent = 0; sent < messages; sent += 1) server.send(WRITER);
  const room = server.room();
  const view = { ...room, deliveredSeq: messages, members: room.members };
  return resizeWindow(createRoomState(view, READER), LIMITS.windowMessagesMax);
}

function hear(state: RoomState, ...frames: RoomFrame[]): { state: RoomState; effects: SyncEffect[] } {
  const effects: SyncEffect[] = [];
  let heard = state;
  for (const frame of frames) {
    const step = applyFrame(heard, frame, 0);
    heard = step.state;
    effects.push(...step.effects);
  }
  return { state: heard, effects };
}

const message = (seq: number): RoomFrame => ({ t: "message", roomId: ROOM, message: messageOf(seq) });
const receipts = (marks: MemberMarks[], roomId = ROOM): RoomFrame => ({ t: "receipts", roomId, marks });
const seqs = (messages: readonly MessageView[]) => messages.map(({ seq }) => seq);

function atIndex<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error("no such item");
  return item;
}

function historyOf(first: number, last: number, changeSeq = 0) {
  const messages = Array.from({ length: last - first + 1 }, (_, index) => messageOf(first + index));
  return { messages, cursor: { seq: last, changeSeq }, hasOlder: first > 1, hasNewer: false };
}

describe("a device that hears frames of a room", () => {
  it("P3: shows messages in the order of seq, each once, however they came", () => {
    const { state } = hear(roomWith(1), message(3), message(2), message(2), message(4), message(3));
    expect(seqs(state.messages)).toEqual([1, 2, 3, 4]);
  });

  it("P4: holds what lies beyond the cursor and asks only after a while", () => {
    const { state, effects } = hear(roomWith(1), message(3));
    expect(seqs(state.messages)).toEqual([1]);
    expect(effects).toEqual([]);
    expect(resumeWhenDue(state, LIMITS.heldFramesMs - 1).effects).toEqual([]);
    const cursor = { seq: 1, changeSeq: 0 };
    expect(resumeWhenDue(state, LIMITS.heldFramesMs).effects).toEqual([{ kind: "resume", roomId: ROOM, cursor }]);
  });

  it("P4: asks at once, and once, when too much is held", () => {
    const beyond = Array.from({ length: LIMITS.heldFramesMax + 5 }, (_, index) => message(index + 3));
    const { state, effects } = hear(roomWith(1), ...beyond);
    expect(effects.map(({ kind }) => kind)).toEqual(["resume"]);
    expect(state.held.messages.length).toBeLessThanOrEqual(LIMITS.heldFramesMax);
    expect(state.head).toBe(LIMITS.heldFramesMax + 7);
  });

  it("P5: shows a translation that came before its message together with it", () => {
    const two = messageOf(2);
    const translated = { ...two, version: 2, translation: doneTranslation(two) };
    const change: RoomFrame = { t: "change", roomId: ROOM, since: 0, seq: 1, kind: "translated", message: translated };
    const { state } = hear(roomWith(1), change, message(2));
    expect(state.messages.at(-1)).toEqual(translated);
    expect(state.cursor).toEqual({ seq: 2, changeSeq: 1 });
  });

  it("a change after a missing one is shown, but the cursor waits for the missing one", () => {
    const edited = { ...messageOf(1), version: 3, revision: 2, text: "new" };
    const { state } = hear(roomWith(1), {
      t: "change",
      roomId: ROOM,
      since: 4,
      seq: 5,
      kind: "edited",
      message: edited,
    });
    expect(state.messages[0]?.text).toBe("new");
    expect(state.cursor.changeSeq).toBe(0);
    expect(resumeWhenDue(state, LIMITS.heldFramesMs).effects).toHaveLength(1);
  });

  it("P8: a page that was read before a deletion brings nothing back, also where it replaces everything", () => {
    const deleted = { ...messageOf(2), version: 2, text: null, deletedAt: 1 };
    const change: RoomFrame = { t: "change", roomId: ROOM, since: 0, seq: 1, kind: "deleted", message: deleted };
    const { state } = hear(roomWith(1), message(2), message(3), { t: "resync", roomId: ROOM }, change);
    const replaced = replaceHistory(state, historyOf(1, 3, 0), 0).state;
    expect(replaced.messages.map(({ text }) => text)).toEqual(["text 1", null, "text 3"]);
    expect(replaced.cursor.changeSeq).toBe(0);
  });

  it("P15: caught_up is not believed where a page before it was lost", () => {
    const four = messageOf(4);
    const fresh = { ...four, version: 2, translation: doneTranslation(four) };
    const page = (from: number, to: number, changeSeq: number, messages: MessageView[]): RoomFrame => {
      const start = { seq: from, changeSeq: from === 1 ? 0 : changeSeq };
      return { t: "page", roomId: ROOM, from: start, to: { seq: to, changeSeq }, messages, changed: [] };
    };
    // Message 4 came live in its first state; its change lies within what the first page claims, its text in the second.
    const asked = resumeNow(roomWith(1), 0).state;
    const caughtUp: RoomFrame = { t: "caught_up", roomId: ROOM, cursor: { seq: 4, changeSeq: 1 } };
    const { state, effects } = hear(asked, message(4), page(1, 3, 1, [messageOf(2), messageOf(3)]), caughtUp);
    expect(effects).toEqual([{ kind: "resume", roomId: ROOM, cursor: { seq: 3, changeSeq: 1 } }]);
    const whole = hear(state, page(3, 4, 1, [fresh]), caughtUp);
    expect(whole.effects).toEqual([]);
    expect(whole.state.messages.at(-1)).toEqual(fresh);
    expect(whole.state.behind).toBeNull();
  });

  it("keeps the identity of every message that did not change", () => {
    const before = roomWith(1);
    const { state } = hear(before, message(2));
    expect(state.messages[0]).toBe(before.messages[0]);
    expect(hear(state, message(2)).state.messages).toBe(state.messages);
  });

  it("ignores frames of another room", () => {
    const state = roomWith(1);
    const elsewhere = newId("room");
    const heard = hear(
      state,
      { t: "message", roomId: elsewhere, message: { ...messageOf(2), roomId: elsewhere } },
      receipts([{ userId: READER, deliveredSeq: 1, readSeq: 1 }], elsewhere),
      { t: "resync", roomId: elsewhere },
    );
    expect(heard).toEqual({ state, effects: [] });
  });

  it("marks only grow, and a message says that its sender has read up to it", () => {
    const late = receipts([{ userId: WRITER, deliveredSeq: 1, readSeq: 0 }]);
    const { state } = hear(roomWith(1), message(2), late);
    expect(state.members.find(({ userId }) => userId === WRITER)).toMatchObject({ deliveredSeq: 2, readSeq: 2 });
  });

  it("P15: receipts that travel together equal the same one by one, and their newest alone", () => {
    const { members: pair, ...room } = new ModelServer(1_000).room();
    const people: readonly MemberView[] = [
      ...pair,
      ...Array.from({ length: 3 }, (_, index) => ({ ...atIndex(pair, 1), userId: newId("usr"), readSeq: index })),
    ];
    const state = createRoomState({ ...room, members: [...people] }, READER);
    const seq = fc.nat({ max: 9 });
    const userId = fc.constantFrom(...people.map((member) => member.userId), newId("usr"));
    const marks = fc.array(fc.record({ userId, deliveredSeq: seq, readSeq: seq }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(marks, (heard) => {
        const together = hear(state, receipts(heard)).state;
        expect(together).toEqual(hear(state, ...heard.map((mark) => receipts([mark]))).state);
        expect(together).toEqual(hear(state, receipts(heard.toReversed())).state);
        expect(hear(together, receipts(heard)).state).toBe(together);
        for (const [index, member] of together.members.entries()) {
          const before = atIndex(state.members, index);
          const grew = member.readSeq > before.readSeq || member.deliveredSeq > before.deliveredSeq;
          expect(member === before).toBe(!grew);
        }
      }),
    );
  });

  it("counts as unread what lies between one's own mark and the head", () => {
    const { state } = hear(roomWith(3), message(4), receipts([{ userId: READER, deliveredSeq: 4, readSeq: 2 }]));
    expect(unreadOf(state)).toBe(2);
  });

  it("forgets who was typing after their message or their time", () => {
    const typing = hear(roomWith(1), { t: "typing", roomId: ROOM, userId: WRITER }).state;
    expect([...typing.typing.keys()]).toEqual([WRITER]);
    expect(expireTyping(typing, LIMITS.typingTtlMs - 1).typing.size).toBe(1);
    expect(expireTyping(typing, LIMITS.typingTtlMs).typing.size).toBe(0);
    expect(hear(typing, message(2)).state.typing.size).toBe(0);
  });
});

describe("P9: what a device may mark as delivered", () => {
  it("is its unbroken run from the standing mark", () => {
    expect(deliverableSeq(hear(roomWith(3), message(4), message(6)).state)).toBe(4);
  });

  it("is not raised by an own message beyond a hole, nor by the page that jumps over it", () => {
    const ack: RoomFrame = { t: "ack", roomId: ROOM, clientId: messageOf(5).clientId, seq: 5, sentAt: 0 };
    const own: RoomFrame = { t: "message", roomId: ROOM, message: messageOf(5, READER) };
    const holed = hear(roomWith(1), ack, own).state;
    expect(holed.own).toEqual({ deliveredSeq: 1, readSeq: 0 });
    const jumped = applyHistory(holed, historyOf(6, 55), 0).state;
    expect(deliverableSeq(jumped)).toBe(1);
    const filled = hear(holed, message(2), message(3), message(4)).state;
    expect(filled.own).toEqual({ deliveredSeq: 5, readSeq: 5 });
  });

  it("is nothing after a jump over a hole, until the hole is filled", () => {
    const server = new ModelServer(1_000);
    for (let sent = 0; sent < 150; sent += 1) server.send(WRITER);
    const state = createRoomState(server.room(), READER);
    expect(seqs(state.messages)).toEqual([150]);
    expect(deliverableSeq(state)).toBe(0);
    const filled = applyHistory(resizeWindow(state, LIMITS.windowMessagesMax), historyOf(1, 149), 0).state;
    expect(deliverableSeq(filled)).toBe(150);
  });
});

describe("windows of a long room", () => {
  it("a page far from the end is a window of its own until it touches the live one", () => {
    const jumped = applyHistory(roomWith(300), historyOf(100, 149), 0).state;
    expect(seqs(viewOf(jumped)).at(-1)).toBe(149);
    expect(jumped.messages.at(-1)?.seq).toBe(300);
    const joined = applyHistory(jumped, historyOf(150, 300), 0).state;
    expect(joined.detached).toBeNull();
    expect(seqs(joined.messages)).toEqual(Array.from({ length: 201 }, (_, index) => index + 100));
  });

  it("memory stays bounded while 100,000 messages are read from end to start and more arrive", () => {
    let state = roomWith(100_000);
    let live = 100_000;
    while (hasOlder(state)) {
      const first = viewOf(state)[0]?.seq ?? 1;
      state = applyHistory(state, historyOf(Math.max(1, first - 50), first - 1), 0).state;
      live += 1;
      state = hear(state, message(live)).state;
      expect(state.messages.length + (state.detached?.length ?? 0)).toBeLessThanOrEqual(2 * LIMITS.windowMessagesMax);
    }
    expect(viewOf(state)[0]?.seq).toBe(1);
    expect(state.cursor.seq).toBe(live);
  });

  it("reading on from far back ends at the newest message without a hole", () => {
    let state = applyHistory(roomWith(400), historyOf(100, 149), 0).state;
    while (state.detached !== null) {
      const last = state.detached.at(-1)?.seq ?? 0;
      state = attachDetached(applyHistory(state, historyOf(last + 1, Math.min(400, last + 50)), 0).state);
    }
    expect(state.messages.at(-1)?.seq).toBe(400);
  });

  it("asks for the changes that passed a page of history by", () => {
    const edited = { ...messageOf(5), version: 2, revision: 2, text: "new" };
    const heard = hear(roomWith(300), {
      t: "change",
      roomId: ROOM,
      since: 0,
      seq: 1,
      kind: "edited",
      message: edited,
    }).state;
    const { state, effects } = applyHistory(heard, historyOf(1, 50, 0), 0);
    expect(state.cursor.changeSeq).toBe(0);
    expect(effects).toEqual([{ kind: "resume", roomId: ROOM, cursor: { seq: 300, changeSeq: 0 } }]);
  });

  it("does not trust a page with a hole beyond the hole", () => {
    const page = historyOf(290, 299);
    const holed = { ...page, messages: page.messages.filter(({ seq }) => seq !== 295) };
    expect(seqs(applyHistory(roomWith(300), holed, 0).state.messages)).toEqual([296, 297, 298, 299, 300]);
  });

  it("shows no translation of the old language after the reader changed it", () => {
    const one = { ...messageOf(1), version: 2, translation: doneTranslation(messageOf(1)) };
    const heard = hear(roomWith(1), {
      t: "change",
      roomId: ROOM,
      since: 0,
      seq: 1,
      kind: "translated",
      message: one,
    }).state;
    expect(clearTranslations(heard).messages[0]?.translation).toBeNull();
  });
});
