import { runClosedLoop, type LoopOptions, type Round } from "../closed-loop";
import type { BenchOptions } from "../main";
import { seedHouse } from "../seed";
import { ratiosOf, spreadOf, spreadText } from "../stats";
import { startTarget, type TargetName } from "../targets";

export interface Comparison {
  title: string;
  ours: TargetName;
  peers: readonly TargetName[];
  rooms: number;
  roomSize: number;
  outstanding: number;
  /** What bounds ours: messages a second, measured once a round. */
  yardstick?: { name: string; perSecond(smoke: boolean): Promise<number> };
}

const ROUNDS = 3;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
const SMOKE_MS = 300;

/** Interleaved rounds of ours and every peer; prints each figure's median and spread and the ratio to each peer. */
export async function compare(
  comparison: Comparison,
  { smoke, mongodbUrl, redisUrl, firstPort }: BenchOptions,
): Promise<void> {
  const { rooms, roomSize, outstanding, ours, peers, title, yardstick } = comparison;
  const house = await seedHouse({ mongodbUrl, redisUrl, roomCount: rooms, roomSize });
  const names = [ours, ...peers];
  let port = firstPort;
  const bounds: number[] = [];
  const rounds = new Map<TargetName, Round[]>(names.map((name) => [name, []]));
  for (let round = 0; round < (smoke ? 1 : ROUNDS); round += 1) {
    for (const name of names) {
      port += 1;
      const target = await startTarget(name, house, port);
      const times = smoke
        ? { warmUpMs: SMOKE_MS, measureMs: SMOKE_MS }
        : { warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS };
      const loop: LoopOptions = { target, rooms, roomSize, outstanding, ...times };
      rounds.get(name)?.push(await runClosedLoop(loop));
      await target.child.stop();
    }
    if (yardstick !== undefined) bounds.push(await yardstick.perSecond(smoke));
  }
  await house.close();
  report(title, names, rounds);
  if (yardstick === undefined) return;
  const messages = (rounds.get(ours) ?? []).map(({ deliveriesPerSecond }) => deliveriesPerSecond / roomSize);
  console.log(`  ${yardstick.name}: ${spreadText(spreadOf(bounds), 0)} messages/s`);
  console.log(`    ${ours} beside ${yardstick.name}: ${spreadText(ratiosOf(messages, bounds), 2)}x messages`);
}

function report(title: string, names: readonly TargetName[], rounds: ReadonlyMap<TargetName, readonly Round[]>): void {
  console.log(`\n${title}`);
  const [ours = "bare-ws"] = names;
  for (const name of names) {
    const own = rounds.get(name) ?? [];
    const figure = (pick: (round: Round) => number, digits: number) => spreadText(spreadOf(own.map(pick)), digits);
    const flaws = own.reduce((sum, { lost, repeated }) => sum + lost + repeated, 0);
    console.log(
      `  ${name}: ${figure((round) => round.deliveriesPerSecond, 0)} deliveries/s, ` +
        `${figure((round) => round.cpuMicrosPerDelivery, 2)} µs CPU each, ` +
        `p50 ${figure((round) => round.p50Ms, 1)} ms, p99 ${figure((round) => round.p99Ms, 1)} ms, lost or repeated ${flaws}`,
    );
    if (name !== ours) printRatios(ours, name, rounds);
    if (flaws > 0) process.exitCode = 1;
  }
}

function printRatios(ours: TargetName, peer: TargetName, rounds: ReadonlyMap<TargetName, readonly Round[]>): void {
  const pairs = (pick: (round: Round) => number) =>
    spreadText(ratiosOf((rounds.get(ours) ?? []).map(pick), (rounds.get(peer) ?? []).map(pick)), 2);
  console.log(
    `    ${ours} beside ${peer}: ${pairs((round) => round.deliveriesPerSecond)}x deliveries, ` +
      `${pairs((round) => round.cpuMicrosPerDelivery)}x CPU, ${pairs((round) => round.p99Ms)}x p99`,
  );
}
