import type { HouseAddresses } from "../house/start-house";
import { askProbe, type ProbeReport } from "./ask-probe";

/** What an attack has left behind within the processes, seen from their insides. */
export interface AfterAttack {
  /** Changes of built-in objects, by process; a process is left out where there are none. */
  readonly polluted: Readonly<Record<string, readonly string[]>>;
  /** By how much the memory that is in use after a collection has grown in each process, in MiB. */
  readonly aliveGrowthMib: Readonly<Record<string, number>>;
}

/** Looks into every process of the house now and, by `look`, again after the attack. */
export async function watchProcesses(house: HouseAddresses): Promise<{ look: () => Promise<AfterAttack> }> {
  const before = await lookIntoAll(house);
  return {
    async look() {
      const after = await lookIntoAll(house);
      const pairs = Object.entries(after).map(([name, report]) => ({ name, report, was: before[name] }));
      const polluted = pairs.map(({ name, report, was }) => [name, newChanges(report, was)] as const);
      return {
        polluted: Object.fromEntries(polluted.filter(([, changes]) => changes.length > 0)),
        aliveGrowthMib: Object.fromEntries(
          pairs.map(({ name, report, was }) => [name, report.aliveMib - (was?.aliveMib ?? 0)]),
        ),
      };
    },
  };
}

async function lookIntoAll({ pids, probeFolder }: HouseAddresses): Promise<Record<string, ProbeReport>> {
  const reports: Record<string, ProbeReport> = {};
  for (const [name, pid] of Object.entries(pids)) reports[name] = await askProbe(probeFolder, pid);
  return reports;
}

/** Libraries may give a constructor a method while they are loaded; nobody ever has to do with Object.prototype. */
function newChanges({ changes, everSeen }: ProbeReport, was: ProbeReport | undefined): string[] {
  const known = new Set(was?.changes);
  return [...new Set([...everSeen, ...changes.filter((change) => !known.has(change))])];
}
