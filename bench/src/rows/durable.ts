import type { BenchOptions } from "../main";
import { compare } from "./compare";

/** Row 4: stored before it is delivered, beside Socket.IO that awaits one insert a message, and one that stores nothing. */
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
      },
      options,
    );
  }
}
