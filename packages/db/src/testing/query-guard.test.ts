import { describe, expect, test } from "vitest";
import type { DeclaredIndex } from "../indexes";
import { shapesOf } from "../query-shape";
import { isServed } from "./query-guard";

const INDEXES: DeclaredIndex[] = [
  {
    keys: [
      ["roomId", 1],
      ["seq", 1],
    ],
    unique: true,
  },
  {
    keys: [
      ["userId", 1],
      ["revokedAt", 1],
      ["lastSeenAt", -1],
      ["expiresAt", 1],
    ],
  },
];

function served(command: string, body: Record<string, unknown>): boolean[] {
  return shapesOf(command, body).map((shape) => isServed(shape, INDEXES));
}

describe("the query guard accepts what an index serves", () => {
  test.each([
    ["a pinned document with further conditions", { roomId: "r", seq: 1, deletedAt: null, $or: [] }, undefined],
    ["a prefix with a range on the next field, sorted by it", { roomId: "r", seq: { $gt: 1, $lt: 9 } }, { seq: -1 }],
    ["many pinned documents", { roomId: "r", seq: { $in: [1, 2] } }, { seq: 1 }],
    ["equality, then sort, then range", { userId: "u", revokedAt: null, expiresAt: { $gt: 1 } }, { lastSeenAt: -1 }],
    ["the same read backwards", { userId: "u", revokedAt: null, expiresAt: { $gt: 1 } }, { lastSeenAt: 1 }],
    ["the primary key", { _id: "x", revokedAt: null }, undefined],
  ])("%s", (_name, filter, sort) => {
    expect(served("find", { find: "messages", filter, sort })).toEqual([true]);
  });
});

describe("the query guard refuses what no index serves", () => {
  test.each([
    ["no condition at all", {}, undefined],
    ["a field without index", { text: "x" }, undefined],
    ["a prefix with a further equality", { roomId: "r", senderId: "s" }, undefined],
    ["a sort by another field", { roomId: "r" }, { sentAt: 1 }],
    ["a sort against the order of the index", { userId: "u", revokedAt: null }, { lastSeenAt: 1, expiresAt: 1 }],
    ["a range before the sort", { userId: "u", revokedAt: { $gt: 1 } }, { lastSeenAt: -1 }],
    ["a range on the second field only", { seq: { $gt: 1 } }, undefined],
    ["alternatives without a pin", { roomId: "r", $or: [{ seq: 1 }] }, undefined],
  ])("%s", (_name, filter, sort) => {
    expect(served("find", { find: "messages", filter, sort })).toEqual([false]);
  });

  test("in updates, deletes and aggregations as well", () => {
    expect(
      served("update", { update: "messages", updates: [{ q: { roomId: "r", seq: 1 } }, { q: { text: 1 } }] }),
    ).toEqual([true, false]);
    expect(served("delete", { delete: "messages", deletes: [{ q: {} }] })).toEqual([false]);
    expect(served("aggregate", { aggregate: "messages", pipeline: [{ $group: {} }] })).toEqual([false]);
    expect(served("findAndModify", { findAndModify: "messages", query: { text: 1 } })).toEqual([false]);
  });
});
