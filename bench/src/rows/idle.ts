import { seedCrowd, type Crowd, type CrowdMember } from "../crowd";
import type { Child } from "../child";
import { LIMITS } from "@ashchat/contracts/limits";
import type { LoadClient } from "../load/client";
import { drained } from "../closed-loop";
import type { BenchOptions } from "../main";
import { inParallel, pause } from "../parallel";
import { openBareWs, openOurs, openSocketIo } from "../sockets";
import { fullMessage, ownMessage, startServer } from "../targets";
import { runRounds, shownIn, type Figures } from "./rounds";

/**
 * Row 7: what a connection costs that is signed in, in five rooms, and silent. Each server is asked to collect before and
 * after the connections come, so that the figure is what stays. At the end one message in one room must reach everybody in
 * it once, which shows that the connections were what they seemed.
 */
const ROOMS_EACH = 5;
const ROOM_SIZE = 50;
const HANDSHAKES_AT_ONCE = 64;
const SMOKE_HANDSHAKES_AT_ONCE = 8;
const BYTES_PER_KB = 1024;
const ROUNDS = 3;
const ECHO_MS = 200;
const STAMP = "#~idle";
const PING = JSON.stringify({ t: "ping" });

type TargetName = "ours" | "socket-io" | "bare-ws";

export async function measureIdle(options: BenchOptions): Promise<void> {
  const peopleCount = options.smoke ? 200 : 10_000;
  const crowd = await seedCrowd({ ...options, peopleCount, roomSize: ROOM_SIZE, roomsEach: ROOMS_EACH });
  const pace = options.smoke
    ? { settleMs: 0, handshakes: SMOKE_HANDSHAKES_AT_ONCE }
    : { settleMs: SETTLE_MS, handshakes: HANDSHAKES_AT_ONCE };
  let port = options.firstPort;
  await runRounds<TargetName>({
    title: `idle, ${peopleCount} connections in ${ROOMS_EACH} rooms each`,
    names: shownIn(options, ["ours", "socket-io", "bare-ws"]),
    rounds: options.smoke ? 1 : ROUNDS,
    columns: [
      { name: "memory", unit: "KB each", digits: 2, ratio: true },
      { name: "heap", unit: "KB of heap each", digits: 2, ratio: true },
      { name: "connect", unit: "ms CPU to connect", digits: 2, ratio: true },
    ],
    run: async (name) => {
      port += 1;
      const child = await startServer(name === "ours" ? "ours-memory+indexed" : name, crowd, port);
      const figures = await measure({ name, crowd, port, child, ...pace });
      await child.stop();
      return figures;
    },
  });
  await crowd.close();
}

/** Longer than the announcements of arrivals take. */
const SETTLE_MS = 3_000;

interface Run {
  name: TargetName;
  crowd: Crowd;
  port: number;
  child: Child;
  settleMs: number;
  handshakes: number;
}

async function measure({ name, crowd, port, child, settleMs, handshakes }: Run): Promise<Figures> {
  const state = { closed: 0, delivered: 0 };
  const onText = (payload: Buffer) => {
    if (payload.includes(STAMP)) state.delivered += 1;
  };
  const onClose = () => {
    state.closed += 1;
  };
  const before = await child.settled();
  const cpuBefore = child.cpuSeconds();
  const clients: LoadClient[] = [];
  // Socket.IO's server asks, ours is asked.
  const heartbeat = setInterval(() => {
    if (name === "ours") for (const client of clients) client.send(PING);
  }, LIMITS.heartbeatIntervalMs);
  await inParallel(crowd.people, handshakes, async (person) => {
    clients.push(await connect(name, { crowd, port, person, onText, onClose }));
  });
  const cpuSeconds = child.cpuSeconds() - cpuBefore;
  await pause(settleMs);
  const after = await child.settled();
  const [person] = crowd.people;
  if (person === undefined) throw new Error("nobody came");
  const writer = await connect(name, { crowd, port, person, onText: () => undefined, onClose: () => undefined });
  writer.send(messageOf(name, person));
  await drained(() => state.delivered >= ROOM_SIZE);
  // A second delivery would follow at once.
  await pause(ECHO_MS);
  const flaws = state.closed + Math.abs(ROOM_SIZE - state.delivered);
  clearInterval(heartbeat);
  for (const client of [...clients, writer]) client.close();
  return {
    figures: {
      memory: (after.rssBytes - before.rssBytes) / clients.length / BYTES_PER_KB,
      heap: (after.heapBytes - before.heapBytes) / clients.length / BYTES_PER_KB,
      connect: (cpuSeconds * 1_000) / clients.length,
    },
    flaws,
  };
}

interface Connecting {
  crowd: Crowd;
  port: number;
  person: CrowdMember;
  onText(payload: Buffer): void;
  onClose(): void;
}

async function connect(name: TargetName, { crowd, person, ...open }: Connecting): Promise<LoadClient> {
  switch (name) {
    case "ours":
      return openOurs({ ...open, ticket: await crowd.ticketFor(person) });
    case "socket-io":
      return (await openSocketIo({ ...open, roomIds: person.roomIds })).client;
    case "bare-ws":
      return openBareWs({ ...open, roomIds: person.roomIds });
  }
}

function messageOf(name: TargetName, person: CrowdMember): string {
  const [roomId = ""] = person.roomIds;
  if (name === "ours") return ownMessage(roomId, STAMP);
  const message = fullMessage(roomId, person, STAMP);
  return name === "socket-io" ? `42${JSON.stringify(["m", message])}` : JSON.stringify(message);
}
