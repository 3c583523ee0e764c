import { INDEXES, type DeclaredIndex } from "../indexes";
import type { QueryRecord } from "../query-record";
import { FILTER_OPERATORS, UPDATE_OPERATORS } from "./known-operators";
import { ALLOWED, isServed } from "./query-guard";

export interface JudgedProcess {
  readonly process: string;
  /** Of different commands. */
  readonly count: number;
  /** Commands that no declared index serves, and operators that the code is not known to write. */
  readonly problems: readonly string[];
}

/** Judges the lines of a query record, by process. */
export function judgeRecords(lines: string): JudgedProcess[] {
  const byProcess = new Map<string, Map<string, QueryRecord>>();
  for (const line of lines.split("\n").filter((text) => text !== "")) {
    const record = JSON.parse(line) as QueryRecord;
    const own = byProcess.get(record.process) ?? new Map<string, QueryRecord>();
    byProcess.set(record.process, own.set(line, record));
  }
  return [...byProcess].map(([process, own]) => ({
    process,
    count: own.size,
    problems: [...new Set([...own.values()].flatMap(problemsOf))].sort(),
  }));
}

function problemsOf(record: QueryRecord): string[] {
  const { collection, command } = record;
  const where = `${collection}.${command}`;
  const known = new Set([...UPDATE_OPERATORS, ...(FILTER_OPERATORS[collection] ?? [])]);
  const problems = record.operators
    .filter((operator) => !known.has(operator))
    .map((operator) => `${where} has ${operator}, which the code is not known to write`);
  if (command === "insert" || isAllowedOrServed(record)) return problems;
  return [...problems, `${where} is served by no declared index: ${JSON.stringify(record)}`];
}

function isAllowedOrServed(record: QueryRecord): boolean {
  if (ALLOWED.some(({ collection }) => collection === record.collection)) return true;
  const indexes: Readonly<Record<string, readonly DeclaredIndex[]>> = INDEXES;
  const shape = { ...record, equality: new Set(record.equality), range: new Set(record.range) };
  return isServed(shape, indexes[record.collection] ?? []);
}
