import { createServer } from "node:net";
import { SetupError, becomesTrue } from "./process.mjs";

/** Offsets from --base-port. Tests stay between 20000 and 32000: above lies the ephemeral range. */
const OFFSETS = { mongodb: 0, redis: 1, rabbitmq: 2, rabbitmqDist: 3, epmd: 4, apertium: 5, smtp: 6, inbox: 7 };

const RELEASE_MS = 1000;

/** How many ports in a row the services need. */
export const SERVICE_PORTS = Object.keys(OFFSETS).length;

/** The port of each service. */
export function portsFrom(basePort) {
  return Object.fromEntries(Object.entries(OFFSETS).map(([name, offset]) => [name, basePort + offset]));
}

/** Whether nobody listens on 127.0.0.1:port. */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Throws one sentence that names the port and what wanted it. A process that was just killed may hold its port for a
 * moment longer, while its last thread ends.
 */
export async function requireFree(port, what) {
  if (await becomesTrue(() => isFree(port), RELEASE_MS)) return;
  throw new SetupError(
    `Port ${port}, wanted by ${what}, is taken by another program; end that program or choose another port.`,
  );
}

/** The first of a row of `count` free ports, looked for from a random place in [low, high). */
export async function findFreePorts({ count, low = 22_000, high = 31_000, random = Math.random }) {
  const rows = Math.floor((high - low) / count);
  const first = Math.floor(random() * rows);
  for (let step = 0; step < rows; step += 1) {
    const base = low + ((first + step) % rows) * count;
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(base + index)));
    if (free.every(Boolean)) return base;
  }
  throw new SetupError(`No ${count} free ports in a row between ${low} and ${high}.`);
}
