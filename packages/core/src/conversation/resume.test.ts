import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import { newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Membership } from "../ports";
import { ANA, answering, BEN, callerOf, outcomeOf, ROOM_ID, storedMessage } from "../testing/fakes";
import { resumeRoom, resumeRooms, type ResumeRoomDeps, type ResumeStep } from "./resume";

const CHANGE_ID = newId("chg");

/** A room that may grow between two reads, as a real one does. */
interface Log {
  messages: StoredMessage[];
  changes: StoredChange[];
}

function change(log: Log, messageSeq: number, overrides: Partial<StoredChange> = {}): void {
  const message = log.messages[messageSeq - 1];
  if (message === undefined) throw new Error("no such message");
  log.messages[messageSeq - 1] = { ...message, version: message.version + 1, text: `${message.text}!` };
  const seq = log.changes.length + 1;
  log.changes.push({
    roomId: ROOM_ID,
    seq,
    changeId: CHANGE_ID,
    kind: "edited",
    messageSeq,
    language: null,
    by: null,
    at: 1,
    ...overrides,
  });
}

function send(log: Log): void {
  log.messages.push(storedMessage({ seq: log.messages.length + 1, text: "hola" }));
}

function logOf(messageCount: number): Log {
  const log: Log = { messages: [], changes: [] };
  for (let count = 0; count < messageCount; count += 1) send(log);
  return log;
}

function storeOf(log: Log, betweenReads: () => void = () => undefined): ResumeRoomDeps["messages"] {
  const read = <Value>(value: Value) => {
    const answer = answering(value);
    betweenReads();
    return answer;
  };
  return {
    heads: (roomIds) =>
      read(new Map(roomIds.map((roomId) => [roomId, { seq: log.messages.length, changeSeq: log.changes.length }]))),
    page: ({ after, before, limit }) =>
      read(log.messages.filter(({ seq }) => seq > after && seq < (before ?? Infinity)).slice(0, limit)),
    changesAfter: (_roomId, after, limit) => read(log.changes.filter(({ seq }) => seq > after).slice(0, limit)),
    findMany: (_roomId, seqs) => read(log.messages.filter(({ seq }) => seqs.includes(seq))),
  };
}

const AT_START = { seq: 0, changeSeq: 0 };
const input = (overrides: Partial<Parameters<typeof resumeRoom>[1]> = {}) => ({
  roomId: ROOM_ID,
  cursor: AT_START,
  language: "en" as const,
  joinedSeq: 0,
  ...overrides,
});

function pageOf(step: ResumeStep | { code: string }): Extract<ResumeStep, { kind: "page" }> {
  if (!("kind" in step) || step.kind !== "page") throw new Error(`no page: ${JSON.stringify(step)}`);
  return step;
}

describe("P4: resuming a room", () => {
  test("at the heads it is caught up", async () => {
    const log = logOf(3);
    const cursor = { seq: 3, changeSeq: 0 };
    expect(outcomeOf(await resumeRoom({ messages: storeOf(log) }, input({ cursor })))).toEqual({
      kind: "caught_up",
      cursor,
    });
  });

  test.each([
    ["one message", 1, 1, false],
    ["exactly a page", LIMITS.resumePageMessages, LIMITS.resumePageMessages, false],
    ["one more than a page", LIMITS.resumePageMessages + 1, LIMITS.resumePageMessages, true],
  ])("%s behind: one page from the cursor on", async (_name, behind, size, more) => {
    const log = logOf(5 + behind);
    const cursor = { seq: 5, changeSeq: 0 };
    const page = pageOf(outcomeOf(await resumeRoom({ messages: storeOf(log) }, input({ cursor }))));
    expect(page.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: size }, (_, index) => index + 6));
    expect(page).toMatchObject({ from: cursor, to: { seq: 5 + size, changeSeq: 0 }, changed: [], more });
  });

  test.each([
    ["the gap is too large", LIMITS.resumeGapMax + 1, AT_START],
    ["the cursor is ahead of the messages", 3, { seq: 4, changeSeq: 0 }],
    ["the cursor is ahead of the changes", 3, { seq: 3, changeSeq: 1 }],
  ])("%s: resync", async (_name, messageCount, cursor) => {
    const deps = { messages: storeOf(logOf(messageCount)) };
    expect(outcomeOf(await resumeRoom(deps, input({ cursor })))).toEqual({ kind: "resync" });
  });

  test("the largest gap that is replayed is LIMITS.resumeGapMax", async () => {
    pageOf(outcomeOf(await resumeRoom({ messages: storeOf(logOf(LIMITS.resumeGapMax)) }, input())));
  });

  test("changed are older messages in their present state, each once, without translations that others read", async () => {
    const log = logOf(4);
    change(log, 1);
    change(log, 1);
    change(log, 3, { kind: "translated", language: "fr" });
    change(log, 2, { kind: "translated", language: "en" });
    const cursor = { seq: 4, changeSeq: 0 };
    const page = pageOf(outcomeOf(await resumeRoom({ messages: storeOf(log) }, input({ cursor }))));
    expect(page.changed.map(({ seq, version }) => [seq, version])).toEqual([
      [1, 3],
      [2, 2],
    ]);
    expect(page).toMatchObject({ messages: [], to: { seq: 4, changeSeq: 4 }, more: false });
  });

  test("nothing from before one's joining is shown, and it is no gap", async () => {
    const log = logOf(LIMITS.resumeGapMax + 10);
    const joinedSeq = LIMITS.resumeGapMax + 5;
    change(log, 3);
    const page = pageOf(outcomeOf(await resumeRoom({ messages: storeOf(log) }, input({ joinedSeq }))));
    expect(page.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5].map((step) => joinedSeq + step));
    expect(page).toMatchObject({ changed: [], to: { seq: joinedSeq + 5, changeSeq: 1 } });
  });

  test("a change of a message that is newer than the head stays beyond the cursor", async () => {
    const log = logOf(1);
    let reads = 0;
    const messages = storeOf(log, () => {
      reads += 1;
      if (reads !== 1) return;
      send(log);
      change(log, 1);
      change(log, 2);
    });
    const page = pageOf(outcomeOf(await resumeRoom({ messages }, input())));
    expect(page.to).toEqual({ seq: 1, changeSeq: 1 });
  });

  test("P11: long messages and long changes come in pages of a bounded size, each of which gets further", async () => {
    const count = LIMITS.resumePageMessages;
    const log = logOf(count);
    const long = "x".repeat(LIMITS.messageCodePointsMax * 2);
    log.messages = log.messages.map((message) => ({ ...message, text: long }));
    for (let seq = 1; seq <= count; seq += 1) change(log, seq);
    for (const start of [AT_START, { seq: count, changeSeq: 0 }]) {
      const seen = new Set<number>();
      let cursor = start;
      for (let pages = 0; cursor.seq < count || cursor.changeSeq < count; pages += 1) {
        expect(pages).toBeLessThan(10);
        const page = pageOf(outcomeOf(await resumeRoom({ messages: storeOf(log) }, input({ cursor }))));
        const views = [...page.messages, ...page.changed];
        expect(views.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)).toBeLessThanOrEqual(
          LIMITS.resumePageCharsMax,
        );
        for (const { seq } of views) seen.add(seq);
        cursor = page.to;
      }
      expect(seen.size).toBe(count);
    }
  });

  test("page after page, whatever happens between two reads, ends with the room as it is", async () => {
    const event = fc.oneof(
      fc.constant("send" as const),
      fc.nat(400).map((at) => ({ at })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(250),
        fc.array(fc.array(event, { maxLength: 3 }), { maxLength: 25 }),
        async (start, script) => {
          const log = logOf(start);
          const pending = [...script];
          const messages = storeOf(log, () => {
            for (const step of pending.shift() ?? []) {
              if (step === "send") send(log);
              else if (log.messages.length > 0) change(log, (step.at % log.messages.length) + 1);
            }
          });
          const shown = new Map<number, MessageView>();
          let cursor = AT_START;
          for (let round = 0; round < 200; round += 1) {
            const isQuiet = pending.length === 0;
            const step = outcomeOf(await resumeRoom({ messages }, input({ cursor })));
            if ("kind" in step && step.kind === "caught_up") {
              if (isQuiet) break;
              continue;
            }
            const page = pageOf(step);
            expect(page.messages.map(({ seq }) => seq)).toEqual(
              page.messages.map((_, index) => cursor.seq + 1 + index),
            );
            for (const view of [...page.messages, ...page.changed]) {
              if ((shown.get(view.seq)?.version ?? 0) < view.version) shown.set(view.seq, view);
            }
            cursor = page.to;
          }
          expect(cursor).toEqual({ seq: log.messages.length, changeSeq: log.changes.length });
          for (const message of log.messages)
            expect(shown.get(message.seq)).toMatchObject({ version: message.version, text: message.text });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("P4: resuming many rooms in one call", () => {
  function setUp(rooms: readonly { roomId: RoomId; head: number }[]) {
    const logs = new Map(rooms.map(({ roomId, head }) => [roomId, logOf(head)]));
    const membership = (roomId: RoomId): Membership => ({
      roomId,
      userId: ANA,
      role: "member",
      joinedSeq: 0,
      joinedAt: 1,
      removedAt: null,
      deliveredSeq: 0,
      readSeq: 0,
      language: null,
    });
    const of = (roomId: RoomId) => storeOf(logs.get(roomId) ?? logOf(0));
    const messages: ResumeRoomDeps["messages"] = {
      heads: (roomIds) =>
        answering(
          new Map(roomIds.map((roomId) => [roomId, { seq: logs.get(roomId)?.messages.length ?? 0, changeSeq: 0 }])),
        ),
      page: (query) => of(query.roomId).page(query),
      changesAfter: (roomId, after, limit) => of(roomId).changesAfter(roomId, after, limit),
      findMany: (roomId, seqs) => of(roomId).findMany(roomId, seqs),
    };
    return {
      messages,
      memberships: { listByUser: () => answering(rooms.map(({ roomId }) => membership(roomId))) },
      profiles: { find: () => answering(null) },
    };
  }

  test("only rooms of the caller with news come back; too large a gap is a resync", async () => {
    const [quiet, busy, huge, foreign] = [newId("room"), newId("room"), newId("room"), newId("room")];
    const deps = setUp([
      { roomId: quiet, head: 0 },
      { roomId: busy, head: 2 },
      { roomId: huge, head: LIMITS.resumeGapMax + 1 },
    ]);
    const cursors = [quiet, busy, huge, foreign].map((roomId) => ({ roomId, ...AT_START }));
    const outcome = outcomeOf(await resumeRooms(deps, callerOf(BEN), cursors));
    expect(outcome).toMatchObject({
      pages: [{ roomId: busy, to: { seq: 2, changeSeq: 0 }, more: false }],
      resync: [huge],
    });
    expect("pages" in outcome && outcome.pages).toHaveLength(1);
  });

  test("P11: beyond a bounded amount of text it says that there is more instead of reading it", async () => {
    const half = LIMITS.resumePageMessages / 2;
    const rooms = Array.from({ length: 4 }, () => ({ roomId: newId("room"), head: half + 1 }));
    const text = "x".repeat(LIMITS.resumePageCharsMax / LIMITS.resumePageMessages);
    const deps = setUp(rooms);
    const { page } = deps.messages;
    deps.messages.page = async (query) => {
      const read = await page(query);
      return read.ok ? ok(read.value.map((message) => ({ ...message, text }))) : read;
    };
    const outcome = outcomeOf(
      await resumeRooms(
        deps,
        callerOf(ANA),
        rooms.map(({ roomId }) => ({ roomId, ...AT_START })),
      ),
    );
    if (!("pages" in outcome)) throw new Error(outcome.code);
    expect(outcome.pages.map(({ messages, more }) => [messages.length, more])).toEqual([
      [half + 1, false],
      [half - 1, true],
      [0, true],
      [0, true],
    ]);
  });

  test("P11: beyond a bounded number of rooms it says that there is more instead of reading it", async () => {
    const rooms = Array.from({ length: LIMITS.resumeRoomsPerCall + 2 }, () => ({ roomId: newId("room"), head: 1 }));
    const outcome = outcomeOf(
      await resumeRooms(
        setUp(rooms),
        callerOf(ANA),
        rooms.map(({ roomId }) => ({ roomId, ...AT_START })),
      ),
    );
    if (!("pages" in outcome)) throw new Error(outcome.code);
    expect(outcome.pages).toHaveLength(rooms.length);
    expect(outcome.pages.filter(({ messages }) => messages.length === 1)).toHaveLength(LIMITS.resumeRoomsPerCall);
    expect(outcome.pages.slice(-2)).toMatchObject([
      { to: AT_START, more: true },
      { to: AT_START, more: true },
    ]);
  });
});
