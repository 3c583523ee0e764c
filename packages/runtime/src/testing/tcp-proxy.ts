import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/**
 * A network that fails on command, between a client and a real server:
 *   cut    ends every connection hard and refuses new ones until `heal`
 *   stall  keeps connections but passes nothing on, as a frozen server or a lost network does, until `heal`
 */
export interface TcpProxy {
  readonly port: number;
  /** `url` with the proxy's host and port. */
  through(url: string): string;
  cut(): void;
  stall(): void;
  heal(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let mode: "open" | "cut" | "stalled" = "open";
  const server = createServer((client) => {
    if (mode === "cut") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    join(pair, () => pairs.delete(pair));
    if (mode === "stalled") pauseAll(pair);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const destroyAll = () => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  return {
    port,
    through: (url) => {
      const changed = new URL(url);
      changed.hostname = "127.0.0.1";
      changed.port = String(port);
      return changed.href;
    },
    cut: () => {
      mode = "cut";
      destroyAll();
    },
    stall: () => {
      mode = "stalled";
      for (const pair of pairs) pauseAll(pair);
    },
    heal: () => {
      mode = "open";
      for (const [client, upstream] of pairs) {
        client.pipe(upstream);
        upstream.pipe(client);
      }
    },
    close: async () => {
      destroyAll();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function join([client, upstream]: readonly [Socket, Socket], ended: () => void): void {
  const end = () => {
    client.destroy();
    upstream.destroy();
    ended();
  };
  for (const socket of [client, upstream]) {
    socket.on("error", end);
    socket.on("close", end);
  }
  client.pipe(upstream);
  upstream.pipe(client);
}

function pauseAll([client, upstream]: readonly [Socket, Socket]): void {
  client.unpipe(upstream);
  upstream.unpipe(client);
  client.pause();
  upstream.pause();
}
