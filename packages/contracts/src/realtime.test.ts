import { describe, expect, it } from "vitest";
import { newClientId, newId } from "./ids";
import { LIMITS } from "./limits";
import { CLOSE_CODES, clientFrameSchema, serverFrameSchema } from "./realtime";

const roomId = newId("room");

describe("client frames", () => {
  it.each([
    { t: "auth", v: 1, ticket: "x".repeat(43) },
    { t: "resume", cursors: [{ roomId, seq: 0, changeSeq: 7 }] },
    { t: "send", roomId, clientId: newClientId(), text: "hola" },
    { t: "ping" },
  ])("accepts %j", (frame) => {
    expect(clientFrameSchema.safeParse(frame).success).toBe(true);
  });

  it.each([
    { t: "send", roomId: { $ne: null }, clientId: newClientId(), text: "x" },
    { t: "send", roomId, clientId: newClientId(), text: "x", extra: 1 },
    { t: "read", roomId, seq: -1 },
    { t: "read", roomId, seq: 1.5 },
    { t: "read", roomId, seq: Number.MAX_SAFE_INTEGER + 1 },
    { t: "unknown" },
    [],
    null,
    "ping",
  ])("refuses %j", (frame) => {
    expect(clientFrameSchema.safeParse(frame).success).toBe(false);
  });
});

describe("server frames", () => {
  it("an unknown frame does not parse, so that an old client skips it", () => {
    expect(serverFrameSchema.safeParse({ t: "reaction", roomId }).success).toBe(false);
  });

  it("receipts carry the marks of one member at least and of a whole room at most", () => {
    const marks = (count: number) =>
      Array.from({ length: count }, () => ({ userId: newId("usr"), deliveredSeq: 2, readSeq: 1 }));
    const accepts = (count: number) =>
      serverFrameSchema.safeParse({ t: "receipts", roomId, marks: marks(count) }).success;
    expect([0, 1, LIMITS.receiptMarksMax, LIMITS.receiptMarksMax + 1].map(accepts)).toEqual([false, true, true, false]);
    expect(LIMITS.receiptMarksMax).toBeGreaterThanOrEqual(LIMITS.groupMembersMax);
  });

  it("a known frame with new keys still parses, so that the server may learn", () => {
    expect(serverFrameSchema.safeParse({ t: "resync", roomId, later: true }).success).toBe(true);
  });
});

it("close codes are distinct and in the ranges of RFC 6455", () => {
  const codes = Object.values(CLOSE_CODES);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes)
    expect(code === 1000 || code === 1001 || code === 1009 || (code >= 4000 && code < 5000)).toBe(true);
});
