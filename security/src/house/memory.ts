import { readFileSync } from "node:fs";

/** Watches the resident memory of a process, as the kernel counts it. Linux only, like the tests' servers. */
export interface MemoryWatch {
  /** MiB; fails where the process has ended meanwhile. */
  stop(): MemoryReport;
}

interface MemoryReport {
  readonly peakMib: number;
  /**
   * How much higher the lowest point of the last quarter lies than that of the second, in which the process is warm: peaks are
   * garbage that waits for the collector, and vary by more than any bound.
   */
  readonly growthMib: number;
}

const SAMPLE_MS = 200;
const KIB_PER_MIB = 1_024;

export function watchMemory(pid: number): MemoryWatch {
  const samples = [residentMib(pid)];
  const timer = setInterval(() => samples.push(residentMib(pid)), SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      samples.push(residentMib(pid));
      return reportOf(samples);
    },
  };
}

function reportOf(samples: readonly number[]): MemoryReport {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const warm = samples.length < 4 ? samples : samples.slice(quarter, quarter * 2);
  return { peakMib: Math.max(...samples), growthMib: Math.min(...samples.slice(-quarter)) - Math.min(...warm) };
}

function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`process ${pid} has ended`);
  return Math.round(Number(kib) / KIB_PER_MIB);
}
