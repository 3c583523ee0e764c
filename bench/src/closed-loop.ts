import { createLedger } from "./ledger";
import { pause } from "./parallel";
import { quantile } from "./stats";
import type { Sender, Target } from "./targets";

/** What one round of one target showed. */
export interface Round {
  deliveriesPerSecond: number;
  cpuMicrosPerDelivery: number;
  p50Ms: number;
  p99Ms: number;
  /** Deliveries that never came, or came twice; any makes the run worthless. */
  lost: number;
  repeated: number;
}

export interface LoopOptions {
  target: Target;
  rooms: number;
  roomSize: number;
  /** Messages under way in each room. */
  outstanding: number;
  /** All messages of a room come from its first member, else from every member in turn. */
  onlyFirstSends?: boolean;
  warmUpMs: number;
  measureMs: number;
}

/** Latencies kept for the quantiles: one in so many. */
const SAMPLE_EVERY = 16;
const DRAIN_MS = 20_000;

/**
 * Keeps `outstanding` messages under way in every room: the next goes out when every member has the last. Counts every
 * delivery of every message.
 */
export async function runClosedLoop(options: LoopOptions): Promise<Round> {
  const { target, rooms, roomSize } = options;
  const state = { measuring: false, sending: true, deliveries: 0, latencies: [] as number[] };
  const ledger = createLedger();
  let turn = 0;

  const sendIn = (room: number) => {
    turn += 1;
    const sender = senders[room]?.[options.onlyFirstSends === true ? 0 : turn % roomSize];
    sender?.send(ledger.issue(room, roomSize, performance.now()));
  };
  const onStamp = (payload: Buffer) => {
    const delivery = ledger.take(payload);
    if (delivery === null) return;
    if (state.measuring) {
      state.deliveries += 1;
      if (state.deliveries % SAMPLE_EVERY === 0) state.latencies.push(performance.now() - delivery.sentAt);
    }
    if (delivery.left === 0 && state.sending) sendIn(delivery.room);
  };

  const senders = await seatAll(target, { rooms, roomSize, onStamp });
  for (let room = 0; room < rooms; room += 1) for (let index = 0; index < options.outstanding; index += 1) sendIn(room);
  await pause(options.warmUpMs);
  const cpuBefore = target.child.cpuSeconds();
  const startedAt = performance.now();
  state.measuring = true;
  await pause(options.measureMs);
  state.measuring = false;
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuSeconds = target.child.cpuSeconds() - cpuBefore;
  state.sending = false;
  await drained(() => ledger.isEmpty);
  for (const sender of senders.flat()) sender.client.close();
  return {
    deliveriesPerSecond: state.deliveries / seconds,
    cpuMicrosPerDelivery: (cpuSeconds * 1e6) / state.deliveries,
    p50Ms: quantile(state.latencies, 0.5),
    p99Ms: quantile(state.latencies, 0.99),
    lost: ledger.due,
    repeated: ledger.repeated,
  };
}

/** Connects every member of every room. */
export async function seatAll(
  target: Target,
  { rooms, roomSize, onStamp }: { rooms: number; roomSize: number; onStamp(payload: Buffer): void },
): Promise<Sender[][]> {
  const senders: Sender[][] = [];
  for (let room = 0; room < rooms; room += 1) {
    senders.push(
      await Promise.all(Array.from({ length: roomSize }, (_, member) => target.connect(room, member, onStamp))),
    );
  }
  return senders;
}

/** Waits until nothing is due any more, or for 20 s. */
export async function drained(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + DRAIN_MS;
  while (!isDone() && Date.now() < deadline) await pause(20);
}
