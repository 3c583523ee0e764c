import type { mongo } from "mongoose";

/** What a command asks of a collection, without the values that it asks for. */
export interface QueryShape {
  collection: string;
  command: string;
  equality: ReadonlySet<string>;
  range: ReadonlySet<string>;
  sort: readonly (readonly [field: string, direction: number])[];
}

/** What a command asks for; an aggregation by its first stage. Commands that select nothing have no shape. */
export function shapesOf(command: string, body: mongo.Document): QueryShape[] {
  const collection = String(body[command]);
  const shape = (filter: unknown, sort?: unknown) => [toShape({ collection, command }, filter, sort)];
  switch (command) {
    case "find":
      return shape(body["filter"], body["sort"]);
    case "findAndModify":
      return shape(body["query"], body["sort"]);
    case "count":
    case "distinct":
      return shape(body["query"]);
    case "update":
      return listOf(body["updates"]).flatMap((update) => shape(update["q"]));
    case "delete":
      return listOf(body["deletes"]).flatMap((deletion) => shape(deletion["q"]));
    case "aggregate":
      return shape(listOf(body["pipeline"])[0]?.["$match"]);
    default:
      return [];
  }
}

function toShape(of: { collection: string; command: string }, filter: unknown, sort: unknown): QueryShape {
  const equality = new Set<string>();
  const range = new Set<string>();
  for (const [field, condition] of entriesOf(filter)) {
    (isEquality(field, condition) ? equality : range).add(field);
  }
  const directions = entriesOf(sort).map(([field, direction]) => [field, Number(direction)] as const);
  return { ...of, equality, range, sort: directions };
}

/** `$or` and its like are counted as a range over a field that no index has: they need a pin. */
function isEquality(field: string, condition: unknown): boolean {
  if (field.startsWith("$")) return false;
  const operators = entriesOf(condition)
    .map(([key]) => key)
    .filter((key) => key.startsWith("$"));
  return operators.every((operator) => operator === "$eq" || operator === "$in");
}

export function entriesOf(value: unknown): [string, unknown][] {
  if (value instanceof Map) return [...value.entries()];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

export function listOf(value: unknown): mongo.Document[] {
  return Array.isArray(value) ? value : [];
}
