import { readFileSync } from "node:fs";
import type { MemorySample } from "../memory-report";

/** Looks from outside at how much memory processes hold, for as long as a run lasts. */
export interface MemoryWatch {
  samples: MemorySample[];
  stop(): void;
}

const BYTES_PER_KIB = 1_024;
const RESIDENT = /^VmRSS:\s+(\d+) kB$/m;

/** `pidsOf` is asked anew each time: a process that was started again is another life of the same name. */
export function watchMemory(pidsOf: () => Readonly<Record<string, number | undefined>>, everyMs: number): MemoryWatch {
  const began = Date.now();
  const samples: MemorySample[] = [];
  const look = () => {
    const t = Date.now() - began;
    for (const [name, pid] of Object.entries(pidsOf())) {
      const residentBytes = pid === undefined ? null : residentBytesOf(pid);
      if (pid !== undefined && residentBytes !== null) samples.push({ t, name, pid, residentBytes });
    }
  };
  look();
  const timer = setInterval(look, everyMs);
  return {
    samples,
    stop() {
      clearInterval(timer);
      look();
    },
  };
}

/** Null for a process that is gone. */
function residentBytesOf(pid: number): number | null {
  try {
    const [, kib] = RESIDENT.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kib === undefined ? null : Number(kib) * BYTES_PER_KIB;
  } catch {
    return null; // killed between two looks
  }
}
