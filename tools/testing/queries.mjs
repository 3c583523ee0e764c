import { existsSync, readFileSync } from "node:fs";
import { crashed } from "./totals.mjs";

/**
 * Judges what the processes wrote down of their database commands: each is served by a declared index, and has no
 * operators but those that the code is known to write. One result per process.
 */
export async function judgeQueries(file, { mayBeAbsent = false } = {}) {
  if (!existsSync(file)) {
    return mayBeAbsent ? { name: "queries", passed: 0, failures: [] } : crashed("queries", "nobody wrote down a query");
  }
  // Not above: `npm test` begins where no package is installed yet.
  const { tsImport } = await import("tsx/esm/api");
  const { judgeRecords } = await tsImport("../../packages/db/src/testing/judge-records.ts", import.meta.url);
  const judged = judgeRecords(readFileSync(file, "utf8"));
  const failures = judged.flatMap(({ process, problems }) =>
    problems.length === 0 ? [] : [{ title: `queries › ${process}`, message: problems.join("\n") }],
  );
  for (const { process, count } of judged) console.log(`  ${process}: ${count} different database commands`);
  return { name: "queries", passed: judged.length - failures.length, failures };
}
