import type { Child } from "./child";
import type { SeededHouse } from "./seed";
import { seatAt, startServer, type Target } from "./targets";

export type SpreadName = "ours" | "socket-io";

/**
 * One server process for each port, over the same Redis; the members of a room are spread over them in turn. With one port
 * Socket.IO runs in memory, as one would run it.
 */
export async function spreadServers(name: SpreadName, house: SeededHouse, ports: readonly number[]): Promise<Target> {
  const kind = name === "ours" ? "ours-memory" : ports.length > 1 ? "socket-io-redis" : "socket-io";
  const children = await Promise.all(ports.map((port) => startServer(kind, house, port)));
  return {
    name,
    child: together(children),
    connect: (room, member, onStamp) => {
      const port = ports[(room + member) % ports.length] ?? 0;
      return seatAt(kind, { house, port, room, member, onStamp });
    },
  };
}

function together(children: readonly Child[]): Child {
  const sum = (pick: (child: Child) => number) => children.reduce((total, child) => total + pick(child), 0);
  return {
    pid: children[0]?.pid ?? 0,
    cpuSeconds: () => sum((child) => child.cpuSeconds()),
    rssBytes: () => sum((child) => child.rssBytes()),
    async settled() {
      const all = await Promise.all(children.map((child) => child.settled()));
      return {
        rssBytes: all.reduce((total, { rssBytes }) => total + rssBytes, 0),
        heapBytes: all.reduce((total, { heapBytes }) => total + heapBytes, 0),
      };
    },
    stop: async () => void (await Promise.all(children.map((child) => child.stop()))),
  };
}
