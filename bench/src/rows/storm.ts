import { seedCrowd, type Crowd, type CrowdMember } from "../crowd";
import type { BenchOptions } from "../main";
import { inParallel, pause } from "../parallel";
import { startServer, type ServerName } from "../targets";
import { createStormClient, type StormClient } from "./storm-client";
import { runRounds, shownIn, type Figures } from "./rounds";

/**
 * Row 8: everybody but one of each room is cut off at once, twenty messages are written in every room meanwhile, and all
 * come back at once with a ticket in hand. The time ends when every one of them has every message, each once and in order.
 */
const ROOM_SIZE = 50;
const MISSED = 20;
const ROUNDS = 3;
/** The servers' backlog: beyond it the kernel itself would make clients wait for a second. */
const HANDSHAKES_AT_ONCE = 500;
/** Before the storm nobody is in a hurry. */
const CALM_HANDSHAKES_AT_ONCE = 32;
const CATCH_UP_MS = 60_000;

type PeerName = Extract<ServerName, "socket-io-recovery" | "socket-io-streams">;
type StormName = "ours-memory+indexed" | PeerName;

export async function measureStorm(options: BenchOptions): Promise<void> {
  const roomCount = options.smoke ? 1 : 102;
  const crowd = await seedCrowd({ ...options, peopleCount: roomCount * ROOM_SIZE, roomSize: ROOM_SIZE, roomsEach: 1 });
  let port = options.firstPort;
  const absent = roomCount * (ROOM_SIZE - 1);
  await runRounds<StormName>({
    title: `storm, ${absent} clients come back and resume ${MISSED} messages each`,
    names: shownIn(options, ["ours-memory+indexed", "socket-io-recovery", "socket-io-streams"]),
    rounds: options.smoke ? 1 : ROUNDS,
    columns: [
      { name: "time", unit: "s until all are caught up", digits: 2, ratio: true },
      { name: "p50", unit: "s until half of them are", digits: 2, ratio: true },
      { name: "cpu", unit: "ms CPU each", digits: 2, ratio: true },
    ],
    run: async (name) => {
      port += 1;
      const child = await startServer(name, crowd, port);
      const figures = await measure({ name, crowd, port, cpuSeconds: child.cpuSeconds });
      await child.stop();
      return figures;
    },
  });
  await crowd.close();
}

interface Run {
  name: StormName;
  crowd: Crowd;
  port: number;
  cpuSeconds(): number;
}

async function measure({ name, crowd, port, cpuSeconds }: Run): Promise<Figures> {
  const people = crowd.rooms.flatMap(({ roomId, members }) =>
    members.map((member): CrowdMember => ({ ...member, roomIds: [roomId] })),
  );
  const clients = people.map((person) => createStormClient(name, { crowd, port, person }));
  await inParallel(clients, CALM_HANDSHAKES_AT_ONCE, (client) => client.connect());
  // The first of each room stays and writes.
  const writers = clients.filter((_, index) => index % ROOM_SIZE === 0);
  const others = clients.filter((_, index) => index % ROOM_SIZE !== 0);
  await writeEverywhere(writers, 1);
  await allHave(clients, 1);
  for (const client of others) client.cut();
  await writeEverywhere(writers, MISSED);
  await allHave(writers, 1 + MISSED);

  await inParallel(others, HANDSHAKES_AT_ONCE, (client) => client.prepare());
  const cpuBefore = cpuSeconds();
  const startedAt = performance.now();
  await Promise.all([
    inParallel(others, HANDSHAKES_AT_ONCE, (client) => client.connect()),
    allHave(others, 1 + MISSED),
  ]);
  const times = others.map((client) => (client.completeAt - startedAt) / 1_000).toSorted((a, b) => a - b);
  const cpu = cpuSeconds() - cpuBefore;
  for (const client of clients) client.cut();
  return {
    figures: {
      time: times.at(-1) ?? Number.NaN,
      p50: times[Math.floor(times.length / 2)] ?? Number.NaN,
      cpu: (cpu * 1_000) / others.length,
    },
    flaws: clients.reduce((sum, client) => sum + client.flaws + (1 + MISSED - client.count), 0),
  };
}

async function writeEverywhere(writers: readonly StormClient[], count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    for (const writer of writers) writer.write();
    await pause(1);
  }
}

async function allHave(clients: readonly StormClient[], count: number): Promise<void> {
  const deadline = Date.now() + CATCH_UP_MS;
  while (Date.now() < deadline && clients.some((client) => client.count < count)) await pause(20);
}
