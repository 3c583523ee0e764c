import { expect, test } from "vitest";
import { recordsOf } from "./query-record";

const operatorsOf = (command: string, body: Record<string, unknown>) =>
  recordsOf("test", command, body).map(({ operators }) => operators);

test("a record names every operator of a filter with its place, and no value", () => {
  const body = { find: "messages", filter: { roomId: "secret", seq: { $gt: 7, $in: [{ $where: "x" }] } } };
  expect(operatorsOf("find", body)).toEqual([["filter.seq.$gt", "filter.seq.$in", "filter.seq.$in.$where"]]);
  expect(JSON.stringify(recordsOf("test", "find", body))).not.toContain("secret");
});

test("an operator inside a stored value is named", () => {
  const body = { insert: "messages", documents: [{ text: { a: { $gt: "" } }, roomId: "r" }] };
  expect(operatorsOf("insert", body)).toEqual([["document.text.a.$gt"]]);
});

test("a document of a model is looked at as it is written, not as it is made", () => {
  const document: Record<string, unknown> = { toBSON: () => ({ text: { $gt: "" } }) };
  document["circle"] = document;
  expect(operatorsOf("insert", { insert: "messages", documents: [document] })).toEqual([["document.text.$gt"]]);
});

test("an update is named with its operators, for every language alike", () => {
  const set = { "translations.es.text": { $ne: "hola" } };
  const update = { q: { "translations.fr.status": { $ne: "done" } }, u: { $set: set, $inc: { version: 1 } } };
  expect(operatorsOf("update", { update: "messages", updates: [update] })).toEqual([
    ["filter.translations.*.status.$ne", "update.$inc", "update.$set", "update.$set.translations.*.text.$ne"],
  ]);
});

test("every part of a command is looked at", () => {
  const deletes = [{ q: { _id: "a" } }, { q: { _id: { $regex: "" } } }];
  expect(operatorsOf("delete", { delete: "users", deletes })[1]).toEqual(["filter._id.$regex"]);
  expect(operatorsOf("count", { count: "users", query: { $where: "1" } })).toEqual([["filter.$where"]]);
  const pipeline = [{ $match: { a: 1 } }, { $lookup: {} }];
  expect(operatorsOf("aggregate", { aggregate: "users", pipeline })).toEqual([["pipeline.$lookup", "pipeline.$match"]]);
});
