import type { Verdict } from "../history";
import { describeMemory, type MemoryFinding } from "../memory-report";
import type { Pauses } from "../pauses";
import type { DoneFault } from "./nemesis";
import type { Rest } from "./settle";

/** The invariants as docs/reliability.md numbers them. */
const INVARIANTS: readonly string[] = [
  "what was acknowledged stands - messages, edits, deletions - and every member's device shows it",
  "nothing is shown that nobody wrote, and a revision is one text for all",
  "no message appears twice, stored or shown",
  "one order per room, without holes, the same for all; a device's own sends keep theirs",
  "live messages come in order, a resume continues after the last message, nothing goes back",
  "a device that lived through it holds what a fresh fetch shows and the database has; what was deleted is nowhere",
  "every translation ends and belongs to its message and revision; nothing stays pending",
  "marks only grow and never run ahead of the devices",
  "a confirmed registration is one user with one profile, another none; a promised code is mailed",
  "exactly the poison is set aside, nothing is unrouted",
  "no process ends by itself, no rejection is unhandled, no secret is in a log",
];

export interface RunReport {
  seed: number;
  verdict: Verdict;
  faults: readonly DoneFault[];
  seconds: { traffic: number; total: number };
  ratePerSecond: number;
  rest: Rest;
  agreedMs: number | null;
  registrations: Readonly<Record<string, number>>;
  pauses: Pauses;
  memory: readonly MemoryFinding[];
}

/** One counted result per invariant. */
export function resultsOf(verdict: Verdict): { title: string; message: string | null }[] {
  return INVARIANTS.map((title, index) => {
    const details = verdict.violations.filter(({ invariant }) => invariant === index + 1).map(({ detail }) => detail);
    return { title: `${index + 1}. ${title}`, message: details.length === 0 ? null : details.join("\n") };
  });
}

/** The servers keep what they are given, so only the product's own processes are judged. */
const SERVERS = new Set(["mongodb", "redis", "rabbitmq", "inbox"]);

export function memoryResult({ memory }: RunReport): { title: string; message: string | null } {
  const judged = memory.filter(({ name }) => !SERVERS.has(name));
  const growing = describeMemory(judged.filter(({ isGrowing }) => isGrowing));
  if (judged.length === 0) growing.push("no process was looked at");
  return { title: "no process holds more and more memory", message: growing.length === 0 ? null : growing.join("\n") };
}

export function describeRun(report: RunReport): string {
  const { seed, verdict, faults, seconds, ratePerSecond, rest, agreedMs, registrations, pauses } = report;
  const { counts } = verdict;
  const kinds = new Map<string, number>();
  for (const { name, target } of faults) {
    const kind = `${name.replace(/ \d+ ms$/, "")} ${target.replace(/^\w+\/\d+$/, "a device")}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const seconds1 = (ms: number | null) => (ms === null ? "not in time" : `${(ms / 1_000).toFixed(1)} s`);
  return [
    `seed ${seed}: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `traffic ${seconds.traffic.toFixed(1)} s (${ratePerSecond.toFixed(0)} sends a second), whole run ${seconds.total.toFixed(1)} s`,
    `faults ${faults.length}: ${[...kinds].map(([kind, count]) => (count === 1 ? kind : `${kind} ×${count}`)).join(", ")}`,
    `after the last fault: outboxes empty in ${seconds1(rest.outboxesMs)}, nothing pending in ${seconds1(rest.pendingMs)}, devices agree in ${seconds1(agreedMs)}`,
    `registrations: ${Object.entries(registrations)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `waiting for an acknowledgement: p50 ${pauses.waitP50} ms, p99 ${seconds1(pauses.waitP99)}, longest ${seconds1(pauses.waitMax)}`,
    `silences of over a second: ${pauses.silences}, longest ${seconds1(pauses.longestSilence)}, together ${seconds1(pauses.silentTotal)}`,
    ...describeMemory(report.memory),
  ].join("\n");
}
