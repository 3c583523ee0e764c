import { setTimeout as delay } from "node:timers/promises";
import { judgeMemory, describeMemory } from "../memory-report";
import { percentile } from "../pauses";
import { watchMemory } from "../run/memory";
import { watchCoreWaits, type CoreWaits } from "./core-waits";
import { describeFigures, figuresOf, ms, type LoadFigures, type SendFact } from "./ledger";
import { watchMachineDelay } from "./machine-delay";
import { offer, sendAt, type LoadTools } from "./offer";
import { finding, msUntil, type Finding, type Scene } from "./scene";

/** Finds out how much the product takes, offers several times as much, and looks at what becomes of it (P11). */
export interface OverloadPlan {
  /** Sends a second of the first step; each step offers `stepFactor` as much as the one before. */
  firstRate: number;
  stepFactor: number;
  stepMs: number;
  stepsMax: number;
  overloadFactor: number;
  overloadMs: number;
  /** Null: told, not judged. */
  refusedMsMax: number | null;
}

/** The promises of P11, in milliseconds. */
const ACCEPTED_P99_MAX = 1_000;
const RECOVERY_MAX = 10_000;

const WARM_UP = { ratePerSecond: 50, forMs: 3_000 };
const BETWEEN_STEPS_MS = 500;
const MEMORY_EVERY_MS = 500;
/** After an overload people go on, and not all of them at once. */
const AFTERWARDS_SHARE = 0.25;
const WINDOW_MS = 1_000;
/** So many good windows in a row are no accident. */
const GOOD_WINDOWS = 3;

export async function runOverload(scene: Scene, tools: LoadTools, plan: OverloadPlan): Promise<Finding[]> {
  await offer(tools, WARM_UP);
  const knee = await findKnee(scene, tools, plan);
  const machine = await watchMachineDelay();
  const cores = watchCoreWaits(scene.stack.pids["realtime"] ?? 0);
  const memory = watchMemory(() => scene.stack.pids, MEMORY_EVERY_MS);
  const load = { ratePerSecond: knee * plan.overloadFactor, forMs: plan.overloadMs };
  const sends = await sendAt(tools, load);
  memory.stop();
  const machineDelay = machine.take();
  machine.stop();
  cores.stop();
  const recoveredMs = await untilNormal(tools, knee * AFTERWARDS_SHARE);
  await msUntil(() => tools.ledger.open() === 0, RECOVERY_MAX);
  const figures = figuresOf(sends, load.forMs);
  const ownRefusals = p99Of(sends.flatMap((send) => ownRefusalMs(send, cores)));
  scene.log(`${plan.overloadFactor} times as much: ${describeFigures(figures)}`);
  scene.log(`the machine's own delay meanwhile: p50 ${ms(machineDelay.p50)}, p99 ${ms(machineDelay.p99)}`);
  scene.log(`refusals without the time in which realtime waited for a core: p99 ${ms(ownRefusals)}`);
  const findings = judgeMemory(memory.samples);
  describeMemory(findings).forEach(scene.log);
  scene.log(`back to normal ${recoveredMs === null ? "not in time" : `after ${ms(recoveredMs)}`}`);
  const growing = findings.filter(({ isGrowing }) => isGrowing);
  return [
    ...judgeAnswers(figures, sends, { machineP99: machineDelay.p99, ownRefusals, refusedMsMax: plan.refusedMsMax }),
    finding("memory stays flat under overload", growing.length === 0, describeMemory(growing).join("\n")),
    finding(
      "ten seconds after an overload everything is accepted and delivered within a second again",
      recoveredMs !== null,
      `not within ${ms(RECOVERY_MAX)}`,
    ),
  ];
}

/** The last rate at which everything was accepted and 99 of 100 had arrived everywhere within a second. */
async function findKnee(scene: Scene, tools: LoadTools, plan: OverloadPlan): Promise<number> {
  let knee = plan.firstRate;
  for (let step = 0, rate = plan.firstRate; step < plan.stepsMax; step += 1, rate *= plan.stepFactor) {
    const figures = await offer(tools, { ratePerSecond: rate, forMs: plan.stepMs });
    scene.log(`step ${step + 1}: ${describeFigures(figures)}`);
    const isOver = figures.acceptedP99 > ACCEPTED_P99_MAX || figures.refused > 0 || figures.unanswered > 0;
    if (isOver) break;
    knee = figures.offeredPerSecond;
    await delay(BETWEEN_STEPS_MS);
  }
  scene.log(`the knee is at ${knee.toFixed(0)} sends a second`);
  return knee;
}

function judgeAnswers(
  figures: LoadFigures,
  sends: readonly SendFact[],
  { machineP99, ownRefusals, refusedMsMax }: { machineP99: number; ownRefusals: number; refusedMsMax: number | null },
): Finding[] {
  const { acceptedP99, unanswered, unheard } = figures;
  const final = sends.filter(
    ({ refusal }) => refusal !== null && (!refusal.retryable || refusal.retryAfterMs === null),
  );
  const findings = [
    finding(
      "what is accepted under overload has reached every member within a second (p99, beyond the machine's own delay)",
      figures.accepted > 0 && acceptedP99 - machineP99 <= ACCEPTED_P99_MAX,
      `p99 ${ms(acceptedP99)} of ${figures.accepted}, the machine's own ${ms(machineP99)}`,
    ),
    finding(
      "every send is answered, and what is acknowledged reaches every member",
      unanswered + unheard === 0,
      `${unanswered} without an answer, ${unheard} not heard by all`,
    ),
    finding(
      "whoever is refused learns that a retry makes sense, and when",
      final.length === 0,
      `${final.length} others, such as ${JSON.stringify(final[0]?.refusal)}`,
    ),
  ];
  if (refusedMsMax === null) return findings;
  const refused = finding(
    `a refusal takes ${refusedMsMax} ms at most (p99, without waiting for a core and the machine's own delay)`,
    ownRefusals - machineP99 <= refusedMsMax,
    `p99 ${ms(figures.refusedP99)}, without waiting for a core ${ms(ownRefusals)}, the machine's own ${ms(machineP99)}`,
  );
  return [...findings, refused];
}

/** How long a refusal took, without the time in which the process could have answered and had no core to run on. */
function ownRefusalMs({ sentAt, refusedAt }: SendFact, cores: CoreWaits): number[] {
  return refusedAt === null ? [] : [refusedAt - sentAt - cores.between(sentAt, refusedAt)];
}

function p99Of(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.99,
  );
}

/** From the end of the load to the first of several seconds in a row in which nothing is refused or late; null after ten. */
async function untilNormal(tools: LoadTools, ratePerSecond: number): Promise<number | null> {
  const began = performance.now();
  let goodSince: number | null = null;
  for (let good = 0; good < GOOD_WINDOWS;) {
    const at = performance.now() - began;
    if (at > RECOVERY_MAX && goodSince === null) return null;
    const sends = await sendAt(tools, { ratePerSecond, forMs: WINDOW_MS });
    await msUntil(() => sends.every(isDone), ACCEPTED_P99_MAX);
    const figures = figuresOf(sends, WINDOW_MS);
    const isGood = sends.every(isDone) && figures.refused === 0 && figures.acceptedP99 <= ACCEPTED_P99_MAX;
    good = isGood ? good + 1 : 0;
    goodSince = isGood ? (goodSince ?? at) : null;
  }
  return goodSince;
}

function isDone({ acknowledgedAt, heardAt, refusedAt }: SendFact): boolean {
  return refusedAt !== null || (acknowledgedAt !== null && heardAt !== null);
}
