import { runClosedLoop } from "../closed-loop";
import type { BenchOptions } from "../main";
import { seedHouse, type SeededHouse } from "../seed";
import { spreadServers, type SpreadName } from "../spread-target";
import { runRounds, type Figures } from "./rounds";

/**
 * Rows 3 and 16: one process, then two with every room split over both, so that every message crosses. A room's messages
 * all come from its first member, whose process gives them their order, since nothing is stored. On a machine on which
 * servers, Redis and driver share the cores, only the processor time of a delivery can be compared.
 */
const ROOM_SIZE = 2;
const ROUNDS = 3;
const TIMES = { warmUpMs: 2_000, measureMs: 5_000 };
const SMOKE_TIMES = { warmUpMs: 300, measureMs: 300 };

export async function measureScale(options: BenchOptions): Promise<void> {
  const rooms = options.smoke ? 4 : 100;
  const house = await seedHouse({ ...options, roomCount: rooms, roomSize: ROOM_SIZE });
  let port = options.firstPort;
  const nextPort = () => (port += 1);
  await runRounds<SpreadName>({
    title: `scale, rooms of ${ROOM_SIZE}, one process and two with every room split over both`,
    names: ["ours", "socket-io"],
    rounds: options.smoke ? 1 : ROUNDS,
    columns: [
      { name: "one", unit: "µs CPU each in one process", digits: 1, ratio: true },
      { name: "two", unit: "µs CPU each in two", digits: 1, ratio: true },
      { name: "growth", unit: "times as much", digits: 2, ratio: true },
      { name: "rate", unit: "deliveries/s of two", digits: 0, ratio: true },
    ],
    run: (name) => compareCounts(name, { house, rooms, nextPort, smoke: options.smoke }),
  });
  await house.close();
}

interface Run {
  house: SeededHouse;
  rooms: number;
  nextPort(): number;
  smoke: boolean;
}

async function compareCounts(name: SpreadName, { house, rooms, nextPort, smoke }: Run): Promise<Figures> {
  const rounds = [];
  for (const ports of [[nextPort()], [nextPort(), nextPort()]]) {
    const target = await spreadServers(name, house, ports);
    const times = smoke ? SMOKE_TIMES : TIMES;
    rounds.push(
      await runClosedLoop({ target, rooms, roomSize: ROOM_SIZE, outstanding: 4, onlyFirstSends: true, ...times }),
    );
    await target.child.stop();
  }
  const [one, two] = rounds;
  if (one === undefined || two === undefined) throw new Error("a run is missing");
  return {
    figures: {
      one: one.cpuMicrosPerDelivery,
      two: two.cpuMicrosPerDelivery,
      growth: two.cpuMicrosPerDelivery / one.cpuMicrosPerDelivery,
      rate: two.deliveriesPerSecond,
    },
    flaws: one.lost + one.repeated + two.lost + two.repeated,
  };
}
