import { readFileSync } from "node:fs";

const NS_PER_MS = 1_000_000;

/**
 * How long the main threads of these processes have waited for a processor since they began, in ms, as the kernel counts
 * it. What a busy machine takes from a process is nobody's hang.
 */
export function starvedMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, waitedNs = "0"] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
    return sum + Number(waitedNs) / NS_PER_MS;
  }, 0);
}
