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

export async function startProxy(options: { port: number; targetPort: number }): Promise<FaultProxy> {
  let fault: ProxyFault = { kind: "none" };
  const pairs = new Set<readonly [Socket, Socket]>();
  const server: Server = createServer((client) => {
    if (fault.kind === "cut") {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection({ host: HOST, port: options.targetPort });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
    relay(client, upstream, () => fault, "request");
    relay(upstream, client, () => fault, "reply");
  });
  server.on("error", () => undefined); // a port that is taken shows as a refused connection to whoever uses the proxy
  await new Promise<void>((resolve) => server.listen(options.port, HOST, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      const healed = next.kind === "none" && fault.kind !== "none" && fault.kind !== "slow";
      fault = next;
      // What was swallowed is gone: a stream that goes on after it would be nonsense, so it ends.
      if (next.kind === "cut" || healed) for (const [client, upstream] of pairs) [client, upstream].forEach((socket) => socket.resetAndDestroy());
    },
    close: () =>
      new Promise((resolve) => {
        for (const [client, upstream] of pairs) [client, upstream].forEach((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  };
}

function relay(from: Socket, to: Socket, faultNow: () => ProxyFault, direction: "request" | "reply"): void {
  from.on("data", (chunk) => {
    const fault = faultNow();
    switch (fault.kind) {
      case "none":
        forward(from, to, chunk);
        return;
      case "slow":
        setTimeout(() => forward(from, to, chunk), fault.latencyMs);
        return;
      case "lose_replies":
        if (direction === "request") forward(from, to, chunk);
        return;
      case "cut":
      case "black_hole":
        return;
      default:
        fault satisfies never;
    }
  });
}

function forward(from: Socket, to: Socket, chunk: Buffer): void {
  if (to.destroyed || to.write(chunk)) return;
  from.pause();
  to.once("drain", () => from.resume());
}
