import { appendFileSync } from "node:fs";
import type { mongo } from "mongoose";
import { entriesOf, listOf, shapesOf } from "./query-shape";

/**
 * What a process asked of the database, written down for a check after the tests: each different command once, one line of
 * JSON each, without any value. The file belongs to several processes, so lines are only ever appended.
 */
export interface QueryRecord {
  readonly process: string;
  readonly collection: string;
  readonly command: string;
  readonly equality: readonly string[];
  readonly range: readonly string[];
  readonly sort: readonly (readonly [field: string, direction: number])[];
  /** Every operator of the command and where it stands, as `filter.seq.$gt`. */
  readonly operators: readonly string[];
}

export function recordQueries(file: string, process: string): (event: mongo.CommandStartedEvent) => void {
  const known = new Set<string>();
  return ({ commandName, command }) => {
    for (const line of recordsOf(process, commandName, command).map((record) => JSON.stringify(record))) {
      if (known.has(line)) continue;
      known.add(line);
      appendFileSync(file, `${line}\n`);
    }
  };
}

/** One per part of the command that selects; an insert selects nothing but may carry operators. */
export function recordsOf(process: string, command: string, body: mongo.Document): QueryRecord[] {
  const found = new Set<string>();
  for (const [place, value] of placesOf(command, body)) collect(found, place, value);
  const operators = [...found].sort();
  const shapes = shapesOf(command, body).map(({ collection, equality, range, sort }) => {
    return { collection, equality: [...equality], range: [...range], sort };
  });
  if (command === "insert") shapes.push({ collection: String(body["insert"]), equality: [], range: [], sort: [] });
  return shapes.map((shape) => ({ process, command, ...shape, operators }));
}

function placesOf(command: string, body: mongo.Document): (readonly [place: string, value: unknown])[] {
  switch (command) {
    case "find":
      return [["filter", body["filter"]]];
    case "count":
    case "distinct":
      return [["filter", body["query"]]];
    case "findAndModify":
      return [
        ["filter", body["query"]],
        ["update", body["update"]],
      ];
    case "update":
      return listOf(body["updates"]).flatMap((update) => [["filter", update["q"]] as const, ["update", update["u"]]]);
    case "delete":
      return listOf(body["deletes"]).map((deletion) => ["filter", deletion["q"]]);
    case "aggregate":
      return [["pipeline", body["pipeline"]]];
    case "insert":
      return listOf(body["documents"]).map((document) => ["document", document]);
    default:
      return [];
  }
}

function collect(found: Set<string>, place: string, written: unknown): void {
  const value = asWritten(written);
  if (Array.isArray(value)) {
    for (const item of value) collect(found, place, item);
    return;
  }
  for (const [key, inner] of entriesOf(value)) {
    const path = `${place}.${withoutLanguage(key)}`;
    if (key.startsWith("$")) found.add(path);
    collect(found, path, inner);
  }
}

/** As it goes out: a document of a model says so itself, and inside would be found in circles. */
function asWritten(value: unknown): unknown {
  const toBSON: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "toBSON") : undefined;
  return typeof toBSON === "function" ? (Reflect.apply(toBSON, value, []) as unknown) : value;
}

/** Languages are data, though they stand in the names of fields. */
function withoutLanguage(key: string): string {
  return key.replace(/^translations\.[^.]+/, "translations.*");
}
