import { createConnection, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * A TCP proxy between two processes that can misbehave like a network: cut (RST), swallow what comes back (a lost
 * reply), hold everything (a black hole), or be slow. Faults hit connections that are open and those that come.
 */
export type ProxyFault =
  | { kind: "none" }
  | { kind: "cut" }
  | { kind: "lose_replies" }
  | { kind: "black_hole" }
  | { kind: "slow"; latencyMs: number };

export interface FaultProxy {
  port: number;
  set(fault: ProxyFault): void;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** `port` 0: any free one. Rejects where the port is taken. */
export async function startProxy(options: { port: number; targetPort: number }): Promise<FaultProxy> {
  let fault: ProxyFault = { kind: "none" };
  const pairs = new Set<readonly [Socket, Socket]>();
  const server: Server = createServer((client) => {
    client.on("error", () => undefined); // `close` follows
    if (fault.kind === "cut") {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection({ host: HOST, port: options.targetPort });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [socket, other] of [pair, [upstream, client] as const]) {
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        pairs.delete(pair);
        other.destroySoon(); // what was said before the end still arrives
      });
    }
    relay(client, upstream, () => (fault.kind === "lose_replies" ? { kind: "none" } : fault));
    relay(upstream, client, () => fault);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, HOST, resolve);
  });
  const endAll = (end: (socket: Socket) => void) => {
    for (const pair of pairs) pair.forEach(end);
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      const healed = next.kind === "none" && fault.kind !== "none" && fault.kind !== "slow";
      fault = next;
      // What was swallowed is gone: a stream that goes on after it would be nonsense, so it ends.
      if (next.kind === "cut" || healed) endAll((socket) => socket.resetAndDestroy());
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endAll((socket) => socket.destroy());
      }),
  };
}

/** Bytes go on in their order, also when a slow link becomes fast again while some are under way. */
function relay(from: Socket, to: Socket, faultNow: () => ProxyFault): void {
  const underWay: { chunk: Buffer; at: number }[] = [];
  const arrive = () => {
    while (underWay[0] !== undefined && underWay[0].at <= Date.now()) {
      const next = underWay.shift();
      if (next !== undefined) forward(from, to, next.chunk);
    }
    if (underWay[0] !== undefined) setTimeout(arrive, underWay[0].at - Date.now());
  };
  from.on("data", (chunk: Buffer) => {
    const fault = faultNow();
    if (fault.kind === "cut" || fault.kind === "black_hole" || fault.kind === "lose_replies") return;
    const latencyMs = fault.kind === "slow" ? fault.latencyMs : 0;
    if (latencyMs === 0 && underWay.length === 0) return forward(from, to, chunk);
    const at = Math.max(Date.now() + latencyMs, underWay.at(-1)?.at ?? 0);
    underWay.push({ chunk, at });
    if (underWay.length === 1) setTimeout(arrive, at - Date.now());
  });
}

function forward(from: Socket, to: Socket, chunk: Buffer): void {
  if (to.destroyed || to.write(chunk)) return;
  from.pause();
  to.once("drain", () => from.resume());
}
