import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { waitFor } from "@ashchat/runtime/testing";
import * as z from "zod";

const probeReportSchema = z.strictObject({
  pid: z.int(),
  /** The file that the process runs. */
  program: z.string(),
  asked: z.int(),
  /** What was added to, replaced in or removed from the built-in objects since the process began: `Object.prototype.x was added`. */
  changes: z.array(z.string()),
  /** The same of Object.prototype alone, also what is gone again. */
  everSeen: z.array(z.string()),
  /** Memory in use right after a collection, in MiB. */
  aliveMib: z.number(),
});
export type ProbeReport = z.infer<typeof probeReportSchema>;

const ANSWER_MS = 30_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, "preload.mjs")).href;

/** What a process must read to have the probe in it. */
export function probeEnvironment(folder: string): { NODE_OPTIONS: string; ASH_TEST_PROBE_FOLDER: string } {
  return { NODE_OPTIONS: `--import ${PRELOAD}`, ASH_TEST_PROBE_FOLDER: folder };
}

/** Asks the probe in a running process; throws where there is none, or where it does not answer. */
export async function askProbe(folder: string, pid: number): Promise<ProbeReport> {
  const file = join(folder, `${pid}.json`);
  const report = () => probeReportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const { asked } = report();
  process.kill(pid, "SIGUSR2");
  return waitFor(() => [report()].find((one) => one.asked > asked), {
    deadlineMs: ANSWER_MS,
    what: `the probe in process ${pid}`,
  });
}
