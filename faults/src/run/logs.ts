import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PASSWORD_CANARY, TEXT_CANARY } from "./texts";

/** What the processes' logs tell against them. */
export interface LogFindings {
  unhandled: string[];
  canaries: string[];
}

const CANARIES = [TEXT_CANARY, PASSWORD_CANARY];
const UNHANDLED = /unhandled ?rejection|uncaught ?exception|heap out of memory|"could not start"/i;
const SHOWN_CHARS = 600;

export function readLogs(folder: string): LogFindings {
  const findings: LogFindings = { unhandled: [], canaries: [] };
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".log")) continue;
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      if (UNHANDLED.test(line)) findings.unhandled.push(`${name}: ${line.slice(0, SHOWN_CHARS)}`);
      // The line itself would repeat what must not be written.
      if (CANARIES.some((canary) => line.includes(canary))) findings.canaries.push(name);
    }
  }
  return findings;
}
