import { drained, seatAll } from "../closed-loop";
import { createLedger, type Ledger } from "../ledger";
import type { BenchOptions } from "../main";
import { pause } from "../parallel";
import { seedHouse } from "../seed";
import { quantile } from "../stats";
import { startTarget, type Sender, type Target, type TargetName } from "../targets";
import { runRounds, shownIn, type Figures } from "./rounds";

/**
 * Row 6: how late a delivery is at a rate that everybody can do, 10,000 a second. A delivery is as late as it is after the
 * moment at which its message was due, whether or not the driver was busy then.
 */
const DELIVERIES_PER_SECOND = 10_000;
/** So few that a busy machine can do them. */
const SMOKE_DELIVERIES_PER_SECOND = 200;
const ROUNDS = 3;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 8_000;
const SMOKE_MS = 400;

export async function measureLatency(options: BenchOptions): Promise<void> {
  let port = options.firstPort;
  const perSecond = options.smoke ? SMOKE_DELIVERIES_PER_SECOND : DELIVERIES_PER_SECOND;
  for (const { roomSize, rooms } of [
    { roomSize: 50, rooms: 4 },
    { roomSize: 2, rooms: options.smoke ? 10 : 100 },
  ]) {
    if (options.smoke && roomSize === 50) continue;
    const house = await seedHouse({ ...options, roomCount: rooms, roomSize });
    await runRounds<TargetName>({
      title: `latency at ${perSecond} deliveries/s, rooms of ${roomSize}`,
      names: shownIn(options, ["ours-memory", "socket-io", "bare-ws"]),
      rounds: options.smoke ? 1 : ROUNDS,
      columns: [
        { name: "p50", unit: "ms p50", digits: 2, ratio: true },
        { name: "p99", unit: "ms p99", digits: 2, ratio: true },
        { name: "cpu", unit: "µs CPU each", digits: 1, ratio: true },
      ],
      run: async (name) => {
        port += 1;
        const target = await startTarget(name, house, port);
        const figures = await measure({ target, rooms, roomSize, perSecond, smoke: options.smoke });
        await target.child.stop();
        return figures;
      },
    });
    await house.close();
  }
}

interface Run {
  target: Target;
  rooms: number;
  roomSize: number;
  perSecond: number;
  smoke: boolean;
}

async function measure({ target, rooms, roomSize, perSecond, smoke }: Run): Promise<Figures> {
  const ledger = createLedger();
  const latencies: number[] = [];
  let from = Number.POSITIVE_INFINITY;
  const onStamp = (payload: Buffer) => {
    const delivery = ledger.take(payload);
    if (delivery !== null && delivery.sentAt >= from) latencies.push(performance.now() - delivery.sentAt);
  };
  const senders = await seatAll(target, { rooms, roomSize, onStamp });
  const pace = startPace({ ledger, senders, roomSize, perSecond });
  await pause(smoke ? SMOKE_MS : WARM_UP_MS);
  from = performance.now();
  const cpuBefore = target.child.cpuSeconds();
  await pause(smoke ? SMOKE_MS : MEASURE_MS);
  const cpuSeconds = target.child.cpuSeconds() - cpuBefore;
  pace.stop();
  await drained(() => ledger.isEmpty);
  for (const sender of senders.flat()) sender.client.close();
  return {
    figures: {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      cpu: (cpuSeconds * 1e6) / latencies.length,
    },
    flaws: ledger.due + ledger.repeated,
  };
}

interface Pace {
  ledger: Ledger;
  senders: Sender[][];
  roomSize: number;
  perSecond: number;
}

/** Sends what is due, room after room, every millisecond. */
function startPace({ ledger, senders, roomSize, perSecond }: Pace) {
  const everyMs = (1_000 * roomSize) / perSecond;
  let dueAt = performance.now();
  let turn = 0;
  const timer = setInterval(() => {
    for (const now = performance.now(); dueAt <= now; dueAt += everyMs) {
      const room = turn % senders.length;
      const sender = senders[room]?.[Math.floor(turn / senders.length) % roomSize];
      sender?.send(ledger.issue(room, roomSize, dueAt));
      turn += 1;
    }
  }, 1);
  return { stop: () => clearInterval(timer) };
}
