import type { BenchOptions } from "../main";
import { groupedInsertsPerSecond } from "../grouped-inserts";
import { compare } from "./compare";

const YARDSTICK_MS = 3_000;
const SMOKE_MS = 200;

/**
 * Row 4: stored before it is delivered, beside Socket.IO that awaits one insert a message, one that stores nothing, and what
 * the database's server takes at most.
 */
export async function measureDurable(options: BenchOptions): Promise<void> {
  const cells = [
    { roomSize: 2, rooms: options.smoke ? 4 : 100 },
    { roomSize: 50, rooms: options.smoke ? 1 : 4 },
  ];
  for (const { roomSize, rooms } of cells) {
    await compare(
      {
        title: `durable, rooms of ${roomSize}`,
        ours: "ours-durable",
        peers: ["socket-io-awaited", "socket-io"],
        rooms,
        roomSize,
        outstanding: 4,
        yardstick: {
          name: "grouped inserts",
          perSecond: (smoke) => groupedInsertsPerSecond(options.mongodbUrl, smoke ? SMOKE_MS : YARDSTICK_MS),
        },
      },
      options,
    );
  }
}
