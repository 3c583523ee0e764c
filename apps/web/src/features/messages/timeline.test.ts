import { clientIdSchema, roomIdSchema, userIdSchema } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OutboxEntry } from "../../realtime/state";
import { buildTimeline, GROUP_WINDOW_MS } from "./timeline";

const ana = userIdSchema.parse(`usr_${"a".repeat(26)}`);
const ben = userIdSchema.parse(`usr_${"b".repeat(26)}`);
const roomId = roomIdSchema.parse(`room_${"a".repeat(26)}`);
const NOON = new Date(2026, 2, 12, 12, 0).getTime();

function aMessage(seq: number, fields: Partial<MessageView> = {}): MessageView {
  return {
    roomId,
    seq,
    senderId: ana,
    clientId: clientIdSchema.parse(`client-id-${String(seq).padStart(8, "0")}`),
    sentAt: NOON + seq,
    language: "es",
    text: `text ${seq}`,
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translation: null,
    ...fields,
  };
}

function anEntry(number: number, createdAt: number): OutboxEntry {
  return {
    clientId: clientIdSchema.parse(`pending-id-${String(number).padStart(8, "0")}`),
    roomId,
    text: `pending ${number}`,
    createdAt,
    attempts: 0,
    state: { kind: "queued" },
  };
}

const build = (messages: MessageView[], unreadAfter: number | null = null, pending: OutboxEntry[] = []) =>
  buildTimeline({ messages, pending, me: ben, unreadAfter, isStart: false });

describe("buildTimeline", () => {
  it("puts a day separator before the first message of every calendar day", () => {
    const lateMs = new Date(2026, 2, 12, 23, 59, 59).getTime();
    const earlyMs = new Date(2026, 2, 13, 0, 0, 0).getTime();
    const rows = build([
      aMessage(1, { sentAt: lateMs }),
      aMessage(2, { sentAt: earlyMs }),
      aMessage(3, { sentAt: earlyMs + 1 }),
    ]);
    expect(rows.map((row) => row.kind)).toEqual(["day", "message", "day", "message", "message"]);
  });

  it("groups messages of one person within five minutes, and a separator ends the group", () => {
    const rows = build([
      aMessage(1, { sentAt: NOON }),
      aMessage(2, { sentAt: NOON + GROUP_WINDOW_MS }),
      aMessage(3, { sentAt: NOON + 2 * GROUP_WINDOW_MS + 1 }),
      aMessage(4, { sentAt: NOON + 2 * GROUP_WINDOW_MS + 2, senderId: ben }),
    ]);
    const groups = rows.flatMap((row) => (row.kind === "message" ? [[row.startsGroup, row.endsGroup]] : []));
    expect(groups).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it("places one unread separator before the first later message of somebody else", () => {
    const messages = [aMessage(1), aMessage(2, { senderId: ben }), aMessage(3), aMessage(4)];
    const rows = build(messages, 1);
    expect(rows.map((row) => row.kind)).toEqual(["day", "message", "message", "unread", "message", "message"]);
    expect(rows[4]).toMatchObject({ kind: "message", message: { seq: 3 }, startsGroup: true });
  });

  it("points the unread separator at a drawn message although the marked one is deleted", () => {
    const rows = build([aMessage(1), aMessage(2, { text: null, deletedAt: NOON }), aMessage(3)], 1);
    expect(rows.map((row) => row.kind)).toEqual(["day", "message", "unread", "message", "message"]);
  });

  it("has no unread separator in a window that begins after its place", () => {
    const kinds = (first: number) => build([aMessage(first), aMessage(first + 1)], 3).map((row) => row.kind);
    expect(kinds(4)).toEqual(["day", "unread", "message", "message"]);
    expect(kinds(5)).toEqual(["day", "message", "message"]);
  });

  it("has no unread separator when everything was read", () => {
    expect(build([aMessage(1), aMessage(2)], 2).some((row) => row.kind === "unread")).toBe(false);
    expect(build([aMessage(1), aMessage(2)], null).some((row) => row.kind === "unread")).toBe(false);
  });

  it("draws pending messages last, under the key that the stored message will have", () => {
    const entry = anEntry(1, NOON + 10);
    const before = build([aMessage(1)], null, [entry]);
    const after = build([aMessage(1), aMessage(2, { senderId: ben, clientId: entry.clientId })]);
    expect(before.at(-1)?.kind).toBe("pending");
    expect(before.at(-1)?.key).toBe(after.at(-1)?.key);
  });

  it("says where the conversation begins only when its first message is there", () => {
    const input = { messages: [aMessage(1)], pending: [], me: ben, unreadAfter: null };
    expect(buildTimeline({ ...input, isStart: true })[0]?.kind).toBe("start");
    expect(buildTimeline({ ...input, isStart: false }).some((row) => row.kind === "start")).toBe(false);
  });

  it("keeps a pending message under the last day although the device's clock is behind", () => {
    const rows = build([aMessage(1)], null, [anEntry(1, NOON - 3 * 86_400_000)]);
    expect(rows.filter((row) => row.kind === "day")).toHaveLength(1);
  });

  it("draws every message once, in order, with unique keys and whole groups, whatever comes", () => {
    const message = fc.record({
      senderId: fc.constantFrom(ana, ben),
      gapMs: fc.integer({ min: 0, max: 40 * 3_600_000 }),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (drawn, unreadAfter) => {
        let at = NOON;
        const messages = drawn.map(({ senderId, gapMs }, index) => {
          at += gapMs;
          return aMessage(index + 1, { senderId, sentAt: at });
        });
        const rows = build(messages, unreadAfter);
        expect(rows.flatMap((row) => (row.kind === "message" ? [row.message.seq] : []))).toEqual(
          messages.map((m) => m.seq),
        );
        expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
        expect(rows.filter((row) => row.kind === "unread").length).toBeLessThanOrEqual(1);
        for (const [index, row] of rows.entries()) {
          if (row.kind !== "message") continue;
          const next = rows[index + 1];
          const nextContinues = next?.kind === "message" && !next.startsGroup;
          expect(row.endsGroup).toBe(!nextContinues);
        }
      }),
    );
  });
});
