import { expect, test } from "vitest";
import { recordsOf } from "../query-record";
import { judgeRecords } from "./judge-records";

const judge = (command: string, body: Record<string, unknown>) =>
  judgeRecords(
    recordsOf("web", command, body)
      .map((record) => JSON.stringify(record))
      .join("\n"),
  );

test("a command of the code that an index serves is accepted, however often it was sent", () => {
  expect(judge("find", { find: "users", filter: { email: "x" } })).toEqual([
    { process: "web", count: 1, problems: [] },
  ]);
});

test("a command that no declared index serves is named", () => {
  const [judged] = judge("find", { find: "messages", filter: { text: "x" } });
  expect(judged?.problems.join("\n")).toContain("messages.find is served by no declared index");
});

test("an operator that the code does not write is named, also inside a value", () => {
  const filtered = judge("find", { find: "users", filter: { email: { $eq: { $gt: "" } } } });
  expect(filtered[0]?.problems.join("\n")).toContain("filter.email.$eq.$gt");
  const stored = judge("insert", { insert: "messages", documents: [{ text: { $gt: "" } }] });
  expect(stored[0]?.problems.join("\n")).toContain("document.text.$gt");
});

test("an operator that the code writes elsewhere is named where it does not", () => {
  expect(judge("find", { find: "messages", filter: { roomId: "r", seq: { $gt: 1 } } })[0]?.problems).toEqual([]);
  const moved = judge("find", { find: "messages", filter: { roomId: { $gt: "" }, seq: 1 } });
  expect(moved[0]?.problems.join("\n")).toContain("filter.roomId.$gt");
});
