import type { mongo } from "mongoose";
import { INDEXES, type DeclaredIndex } from "../indexes";
import { shapesOf, type QueryShape } from "../query-shape";

/**
 * Watches the commands of a connection and tells which of them no declared index serves. Needed because the server of the tests may
 * scan where another would too, just later and in front of users.
 *
 * A command is served when an index begins with its equality fields, goes on with its sort fields and then with its range fields; or
 * when its equality fields pin a unique index, so that at most one document is looked at, whatever else is asked of it.
 */
export interface QueryGuard {
  observe(event: mongo.CommandStartedEvent): void;
  /** Each different command once, as `collection.command {shape}`. */
  unserved(): string[];
  observedCount(): number;
}

export interface AllowedQuery {
  collection: string;
  reason: string;
}

export const ALLOWED: readonly AllowedQuery[] = [
  { collection: "migrations", reason: "a handful of documents, read once" },
];

export function createQueryGuard(
  indexes: Record<string, readonly DeclaredIndex[]> = INDEXES,
  allowed: readonly AllowedQuery[] = ALLOWED,
): QueryGuard {
  const unserved = new Set<string>();
  let observed = 0;
  return {
    observe(event) {
      for (const shape of shapesOf(event.commandName, event.command)) {
        observed += 1;
        if (allowed.some((query) => query.collection === shape.collection)) continue;
        if (!isServed(shape, indexes[shape.collection] ?? [])) unserved.add(describe(shape));
      }
    },
    unserved: () => [...unserved],
    observedCount: () => observed,
  };
}

export function isServed(shape: QueryShape, indexes: readonly DeclaredIndex[]): boolean {
  const primary: DeclaredIndex = { keys: [["_id", 1]], unique: true };
  return [primary, ...indexes].some((index) => isPinned(shape, index) || isCovered(shape, index));
}

function isPinned(shape: QueryShape, index: DeclaredIndex): boolean {
  return index.unique === true && index.keys.every(([field]) => shape.equality.has(field));
}

function isCovered(shape: QueryShape, index: DeclaredIndex): boolean {
  const sort = shape.sort.filter(([field]) => !shape.equality.has(field));
  const range = [...shape.range].filter((field) => !sort.some(([sorted]) => sorted === field));
  const asked = shape.equality.size + sort.length + range.length;
  if (asked === 0 || asked > index.keys.length) return false;
  const prefix = index.keys.slice(0, shape.equality.size);
  if (!prefix.every(([field]) => shape.equality.has(field))) return false;
  const sortKeys = index.keys.slice(prefix.length, prefix.length + sort.length);
  const rangeKeys = index.keys.slice(prefix.length + sort.length, asked);
  return isInOrder(sort, sortKeys) && rangeKeys.every(([field]) => range.includes(field));
}

/** An index is read forwards or backwards, so either all directions agree or none does. */
function isInOrder(sort: QueryShape["sort"], keys: DeclaredIndex["keys"]): boolean {
  if (!sort.every(([field], position) => keys[position]?.[0] === field)) return false;
  const agreeing = sort.filter(([, direction], position) => keys[position]?.[1] === direction).length;
  return agreeing === 0 || agreeing === sort.length;
}

function describe(shape: QueryShape): string {
  const sort = shape.sort.map(([field, direction]) => `${field}:${direction}`);
  const parts = [
    `equal ${[...shape.equality].join(",")}`,
    `range ${[...shape.range].join(",")}`,
    `sort ${sort.join(",")}`,
  ];
  return `${shape.collection}.${shape.command} {${parts.join("; ")}}`;
}
