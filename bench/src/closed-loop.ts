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
  warmUpMs: number;
  measureMs: number;
}

const STAMP = Buffer.from("#~");
/** Latencies kept for the quantiles: one in so many. */
const SAMPLE_EVERY = 16;
const DRAIN_MS = 5_000;

/**
 * Keeps `outstanding` messages under way in every room: the next goes out when every member has the last. Counts every
 * delivery of every message.
 */
export async function runClosedLoop(options: LoopOptions): Promise<Round> {
  const { target, rooms, roomSize } = options;
  const state = { measuring: false, sending: true, deliveries: 0, repeated: 0, latencies: [] as number[] };
  const awaited = new Map<number, number>();
  const senders: Sender[][] = [];
  let nextId = 1;

  const sendIn = (room: number) => {
    const id = nextId;
    nextId += 1;
    awaited.set(id, roomSize);
    const sender = senders[room]?.[id % roomSize];
    sender?.send(`#~${id} ${room} ${performance.now().toFixed(3)} ${FILLER}`);
  };
  const onStamp = (payload: Buffer) => {
    const at = payload.indexOf(STAMP);
    if (at < 0) return;
    const [id = "", room = "", sentAt = ""] = payload
      .toString("latin1", at + STAMP.length, at + STAMP_CHARS_MAX)
      .split(" ");
    const left = awaited.get(Number(id));
    if (left === undefined) {
      state.repeated += 1;
      return;
    }
    if (state.measuring) {
      state.deliveries += 1;
      if (state.deliveries % SAMPLE_EVERY === 0) state.latencies.push(performance.now() - Number(sentAt));
    }
    if (left > 1) {
      awaited.set(Number(id), left - 1);
      return;
    }
    awaited.delete(Number(id));
    if (state.sending) sendIn(Number(room));
  };

  for (let room = 0; room < rooms; room += 1) {
    senders.push(
      await Promise.all(Array.from({ length: roomSize }, (_, member) => target.connect(room, member, onStamp))),
    );
  }
  for (let room = 0; room < rooms; room += 1) for (let index = 0; index < options.outstanding; index += 1) sendIn(room);
  await sleep(options.warmUpMs);
  const cpuBefore = target.child.cpuSeconds();
  const startedAt = performance.now();
  state.measuring = true;
  await sleep(options.measureMs);
  state.measuring = false;
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuSeconds = target.child.cpuSeconds() - cpuBefore;
  state.sending = false;
  await drained(awaited);
  for (const sender of senders.flat()) sender.client.close();
  return {
    deliveriesPerSecond: state.deliveries / seconds,
    cpuMicrosPerDelivery: (cpuSeconds * 1e6) / state.deliveries,
    p50Ms: quantile(state.latencies, 0.5),
    p99Ms: quantile(state.latencies, 0.99),
    lost: [...awaited.values()].reduce((sum, left) => sum + left, 0),
    repeated: state.repeated,
  };
}

/** Makes a message as long as people's are. */
const FILLER = "the boat leaves at nine from the old harbour";
const STAMP_CHARS_MAX = 40;

async function drained(awaited: ReadonlyMap<number, number>): Promise<void> {
  const deadline = Date.now() + DRAIN_MS;
  while (awaited.size > 0 && Date.now() < deadline) await sleep(20);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
