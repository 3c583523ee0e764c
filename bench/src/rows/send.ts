import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mongoose from "mongoose";
// @boundaries-ignore the product is started here as it is everywhere
import { portsFromBase, startStack } from "../../../tools/stack.mjs";
import { cpuSecondsOf } from "../child";
import { groupedInsertsPerSecond } from "../grouped-inserts";
import type { BenchOptions } from "../main";
import { inClosedLoop, type LoopRound } from "../paced-loops";
import { seedHouse, type SeededHouse } from "../seed";
import { callNothing, sendByProcedure, sendBySocket, type Senders } from "../send/senders";
import { ratiosOf, spreadOf, spreadText } from "../stats";
import { startServer } from "../targets";
import { startBareNext } from "../web/bare-next";
import { productEnvironment } from "../web/product-environment";

const WAYS = ["socket", "trpc", "noop", "socket-unstored"] as const;
type Way = (typeof WAYS)[number];

/** A loop's round, and what the server's processor did for each call. */
interface Round extends LoopRound {
  cpuMicros: number;
}

interface Results {
  rounds: Record<Way, Round[]>;
  /** Messages a second of the database's server alone. */
  grouped: number[];
}

interface Server {
  senders: Senders;
  pid: number;
  inFlight: number;
}

const ROUNDS = 3;
const ROOMS = 100;
const SMOKE_ROOMS = 4;
const MEASURE_MS = 4_000;
const SMOKE_MS = 300;
const SOCKET_IN_FLIGHT = 256;
/** So many that neither server waits for the other end: what counts is what they can do. */
const HTTP_IN_FLIGHT = 64;
/** After the product's own. */
const PORT_OFFSETS = { bare: 20, durable: 21, unstored: 22 } as const;

/**
 * Row 5: sending until it is acknowledged, over the socket and through the built web process, beside a mutation that does
 * nothing in a bare app of the same Next.js, and beside what the database's server takes in grouped inserts.
 */
export async function measureSend(options: BenchOptions): Promise<void> {
  const house = await seedHouse({ ...options, roomCount: options.smoke ? SMOKE_ROOMS : ROOMS, roomSize: 2 });
  const { servers, stop } = await startServers(house, options);
  const measureMs = options.smoke ? SMOKE_MS : MEASURE_MS;
  const results: Results = { rounds: { socket: [], trpc: [], noop: [], "socket-unstored": [] }, grouped: [] };
  try {
    for (let round = 0; round < (options.smoke ? 1 : ROUNDS); round += 1) {
      for (const way of WAYS) results.rounds[way].push(await measureRound(servers[way], measureMs));
      results.grouped.push(await groupedInsertsPerSecond(options.mongodbUrl, measureMs));
    }
    const flaws = await flawsOf(house, servers.socket.senders.acknowledged() + servers.trpc.senders.acknowledged());
    report(results, flaws);
    if (flaws > 0) process.exitCode = 1;
  } finally {
    await stop();
  }
}

async function startServers(house: SeededHouse, options: BenchOptions) {
  const dir = await mkdtemp(join(tmpdir(), "ashchat-bench-"));
  const portOf = (offset: number) => options.firstPort + offset;
  const ports = portsFromBase(options.firstPort);
  // Nobody here needs a translation, so no engine is asked.
  const env = productEnvironment({ ...options, ...house }, { engineUrl: "http://127.0.0.1:9", ports });
  const stack = await startStack({ env, ports, dir, processes: ["web"] });
  const bare = await startBareNext(portOf(PORT_OFFSETS.bare));
  const durable = await startServer("ours-durable", house, portOf(PORT_OFFSETS.durable));
  const unstored = await startServer("ours-memory", house, portOf(PORT_OFFSETS.unstored));
  const socket = await sendBySocket(house, portOf(PORT_OFFSETS.durable));
  const trpc = await sendByProcedure(house, ports.web, HTTP_IN_FLIGHT);
  const noop = await callNothing(portOf(PORT_OFFSETS.bare), HTTP_IN_FLIGHT);
  const unstoredSocket = await sendBySocket(house, portOf(PORT_OFFSETS.unstored));
  const servers: Record<Way, Server> = {
    socket: { senders: socket, pid: durable.pid, inFlight: SOCKET_IN_FLIGHT },
    trpc: { senders: trpc, pid: stack.pids["web"] ?? 0, inFlight: HTTP_IN_FLIGHT },
    noop: { senders: noop, pid: bare.pid, inFlight: HTTP_IN_FLIGHT },
    "socket-unstored": { senders: unstoredSocket, pid: unstored.pid, inFlight: SOCKET_IN_FLIGHT },
  };
  return {
    servers,
    async stop() {
      for (const way of WAYS) servers[way].senders.close();
      await Promise.all([durable.stop(), unstored.stop(), bare.stop(), stack.stop()]);
      await house.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function measureRound({ senders, pid, inFlight }: Server, measureMs: number): Promise<Round> {
  const cpuBefore = cpuSecondsOf(pid);
  const before = senders.acknowledged();
  const round = await inClosedLoop({ once: () => senders.once(), measureMs, inFlight });
  const calls = senders.acknowledged() - before;
  return { ...round, cpuMicros: ((cpuSecondsOf(pid) - cpuBefore) * 1e6) / calls };
}

/** Acknowledged messages that are not there, and those that are there twice. */
async function flawsOf({ mongodbUrl }: SeededHouse, acknowledged: number): Promise<number> {
  const native = await mongoose.createConnection(mongodbUrl).asPromise();
  const found = native.collection("messages").find({}, { projection: { clientId: 1 } });
  let stored = 0;
  const distinct = new Set<string>();
  for await (const { clientId } of found) {
    stored += 1;
    distinct.add(String(clientId));
  }
  await native.close();
  return Math.max(0, acknowledged - distinct.size) + stored - distinct.size;
}

function report({ rounds, grouped }: Results, flaws: number): void {
  const values = (way: Way, field: keyof Round) => rounds[way].map((round) => round[field]);
  console.log("\nsending until it is acknowledged, rooms of 2");
  for (const way of WAYS) {
    const figure = (field: keyof Round, digits: number) => spreadText(spreadOf(values(way, field)), digits);
    console.log(
      `  ${way}: ${figure("perSecond", 0)} a second, p50 ${figure("p50Ms", 1)} ms, p99 ${figure("p99Ms", 1)} ms, ` +
        `${figure("cpuMicros", 0)} µs CPU each`,
    );
  }
  console.log(`  grouped inserts of the database alone: ${spreadText(spreadOf(grouped), 0)} a second`);
  const ratio = (ours: Way, beside: readonly number[]) => spreadText(ratiosOf(values(ours, "perSecond"), beside), 2);
  console.log(`    trpc beside noop: ${ratio("trpc", values("noop", "perSecond"))}x`);
  console.log(`    socket beside trpc: ${ratio("socket", values("trpc", "perSecond"))}x`);
  console.log(`    socket-unstored beside trpc: ${ratio("socket-unstored", values("trpc", "perSecond"))}x`);
  console.log(`    socket beside grouped inserts: ${ratio("socket", grouped)}x`);
  console.log(`  lost or repeated ${flaws}`);
}
