import type { BenchOptions } from "../main";
import { compare } from "./compare";

/** Rows 1 and 2: what one process can deliver, beside Socket.IO in memory and bare `ws`. */
export async function measureFanout(options: BenchOptions): Promise<void> {
  const cells = [
    { roomSize: 50, rooms: options.smoke ? 1 : 4 },
    { roomSize: 2, rooms: options.smoke ? 4 : 100 },
  ];
  for (const { roomSize, rooms } of cells) {
    await compare(
      {
        title: `fan-out, rooms of ${roomSize}`,
        ours: "ours-memory",
        peers: ["socket-io", "bare-ws"],
        rooms,
        roomSize,
        outstanding: 4,
      },
      options,
    );
  }
}
