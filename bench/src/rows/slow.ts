import { drained } from "../closed-loop";
import type { Child } from "../child";
import { seedCrowd, type Crowd } from "../crowd";
import type { BenchOptions } from "../main";
import { inParallel, pause } from "../parallel";
import { isEstablished } from "../sockets-of-kernel";
import { quantile } from "../stats";
import { startServer, type ServerName } from "../targets";
import { createReader, type Reader } from "./slow-reader";
import { runRounds, shownIn, type Figures } from "./rounds";

/**
 * Row 9: 50 people in ten rooms, in which 500 messages of 8 KB a second are written; five of them stop reading. Each
 * round has a run of each kind: with everybody reading, then with five that do not, so that the difference is theirs.
 * Messages are kept in memory, because the database's stand-in cannot take 8 MB a second; who is cut off reads on at the
 * end, comes back and must get every message once.
 */
const PEOPLE = 50;
const STALLED = 5;
const ROOMS = 10;
const MESSAGES_PER_SECOND = 500;
/** Two bytes each in UTF-8, and no more than a message may have. */
const TEXT_CHARS = 3_900;
/** So few that a busy machine can do them. */
const SMOKE_MESSAGES_PER_SECOND = 20;
const WARM_UP_MS = 1_000;
const STALL_MS = 15_000;
const SAMPLE_MS = 100;
const ROUNDS = 3;
const BYTES_PER_MB = 1_048_576;
const COME_BACK_MS = 20_000;

type SlowName = Extract<ServerName, "ours-kept+indexed" | "socket-io" | "bare-ws">;

export async function measureSlow(options: BenchOptions): Promise<void> {
  const crowd = await seedCrowd({ ...options, peopleCount: PEOPLE, roomSize: PEOPLE, roomsEach: ROOMS });
  let port = options.firstPort;
  const run = async (name: SlowName, stalled: number) => {
    port += 1;
    const child = await startServer(name, crowd, port);
    const pace = options.smoke
      ? { stallMs: 1_000, perSecond: SMOKE_MESSAGES_PER_SECOND }
      : { stallMs: STALL_MS, perSecond: MESSAGES_PER_SECOND };
    const seen = await measure({ name, crowd, port, child, stalled, ...pace });
    await child.stop();
    return seen;
  };
  await runRounds<SlowName>({
    title: `slow, ${STALLED} of ${PEOPLE} stop reading, ${options.smoke ? SMOKE_MESSAGES_PER_SECOND : MESSAGES_PER_SECOND} messages of 8 KB a second`,
    names: shownIn(options, ["ours-kept+indexed", "socket-io", "bare-ws"]),
    rounds: options.smoke ? 1 : ROUNDS,
    columns: [
      { name: "growth", unit: "MB a stalled socket", digits: 1, ratio: true },
      { name: "cut", unit: "s until the last is cut", digits: 1, ratio: false },
      { name: "p99", unit: "ms p99 of the others", digits: 1, ratio: true },
      { name: "calm", unit: "ms p99 without stalled ones", digits: 1, ratio: false },
      { name: "times", unit: "times as much", digits: 2, ratio: false },
    ],
    run: async (name) => compareRuns(await run(name, 0), await run(name, STALLED)),
  });
  await crowd.close();
}

interface Seen {
  peakBytes: number;
  p99Ms: number;
  cutMs: number;
  flaws: number;
}

function compareRuns(calm: Seen, stalled: Seen): Figures {
  return {
    figures: {
      growth: (stalled.peakBytes - calm.peakBytes) / STALLED / BYTES_PER_MB,
      cut: stalled.cutMs / 1_000,
      p99: stalled.p99Ms,
      calm: calm.p99Ms,
      times: stalled.p99Ms / calm.p99Ms,
    },
    flaws: calm.flaws + stalled.flaws,
  };
}

interface Run {
  name: SlowName;
  crowd: Crowd;
  port: number;
  child: Child;
  stalled: number;
  stallMs: number;
  perSecond: number;
}

async function measure({ name, crowd, port, child, stalled, stallMs, perSecond }: Run): Promise<Seen> {
  const readers = crowd.people.map((person) => createReader(name, { crowd, port, person }));
  await inParallel(readers, PEOPLE, (reader) => reader.connect());
  const slow = readers.slice(0, stalled);
  const others = readers.slice(STALLED);
  const pace = startPace(others, perSecond);
  await pause(WARM_UP_MS);
  for (const reader of slow) reader.stall();
  const from = performance.now();
  for (const reader of others) reader.measureFrom(from);
  const watch = startWatch({ child, port, slow });
  await pause(stallMs);
  pace.stop();
  const { peakBytes, cutMs } = watch.stop();
  // Whoever is still connected reads on; whoever was cut off finds out now and comes back.
  for (const reader of slow) reader.readOn();
  await drained(() => others.every((reader) => reader.has(pace.sent())));
  const deadline = Date.now() + COME_BACK_MS;
  while (Date.now() < deadline && !slow.every((reader) => reader.has(pace.sent()))) await pause(50);
  const flaws = readers.reduce((sum, reader) => sum + reader.flawsUpTo(pace.sent()), 0);
  for (const reader of readers) reader.close();
  return {
    peakBytes,
    p99Ms: quantile(
      others.flatMap((reader) => reader.latencies()),
      0.99,
    ),
    cutMs,
    flaws,
  };
}

/** Writes in every room in turn; a room is written in by one person, so that its messages are numbered in order. */
function startPace(writers: readonly Reader[], perSecond: number) {
  const everyMs = 1_000 / perSecond;
  const sent = Array.from({ length: ROOMS }, () => 0);
  const filler = "ы".repeat(TEXT_CHARS);
  let dueAt = performance.now();
  let turn = 0;
  const timer = setInterval(() => {
    for (const now = performance.now(); dueAt <= now; dueAt += everyMs) {
      const room = turn % ROOMS;
      turn += 1;
      sent[room] = (sent[room] ?? 0) + 1;
      writers[room]?.write(room, `#~${sent[room]} ${room} ${dueAt.toFixed(3)} ${filler}`);
    }
  }, 1);
  return { sent: () => sent, stop: () => clearInterval(timer) };
}

/** The most memory that the server had, and when the last of the slow ones was given up; NaN where one was not. */
function startWatch({ child, port, slow }: { child: Child; port: number; slow: readonly Reader[] }) {
  const startedAt = performance.now();
  let peakBytes = 0;
  let cutMs = Number.NaN;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, child.rssBytes());
    const isOver = slow.length > 0 && slow.every((reader) => !isEstablished(port, reader.localPort()));
    if (Number.isNaN(cutMs) && isOver) cutMs = performance.now() - startedAt;
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return { peakBytes, cutMs };
    },
  };
}
