import { fork } from "node:child_process";
import { createConnection, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { percentile } from "../pauses";

/**
 * What this machine adds to every answer by itself: one byte to another process and back, many times a second, on the
 * event loop that measures the product as well. Nothing of the product is on that way.
 */
export interface MachineDelay {
  /** Milliseconds since the last call. */
  take(): { p50: number; p99: number };
  stop(): void;
}

const HOST = "127.0.0.1";
const EVERY_MS = 10;

export async function watchMachineDelay(): Promise<MachineDelay> {
  const child = fork(fileURLToPath(import.meta.url), ["echo"], { execArgv: ["--import", "tsx"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve(Number(message)));
    child.once("exit", (code) => reject(new Error(`the process that answers ended with ${code}`)));
  });
  const socket = createConnection({ host: HOST, port });
  socket.setNoDelay(true);
  let delays: number[] = [];
  const under: number[] = [];
  socket.on("data", (bytes: Buffer) => {
    const now = performance.now();
    for (const sentAt of under.splice(0, bytes.length)) delays.push(now - sentAt);
  });
  const timer = setInterval(() => {
    under.push(performance.now());
    socket.write("x");
  }, EVERY_MS);
  return {
    take() {
      const sorted = delays.toSorted((a, b) => a - b);
      delays = [];
      return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
    },
    stop() {
      clearInterval(timer);
      socket.destroy();
      child.kill();
    },
  };
}

if (process.argv[2] === "echo" && process.send !== undefined) {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, HOST, () => {
    const address = server.address();
    process.send?.(typeof address === "object" ? address?.port : 0);
  });
  process.on("disconnect", () => process.exit());
}
