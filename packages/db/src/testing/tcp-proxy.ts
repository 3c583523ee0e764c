import { connect, createServer, type Socket } from "node:net";

/** A way to the server that a test can cut. */
export interface TcpProxy {
  /** `url` with this proxy in place of its server. */
  through(url: string): string;
  /** From now on what the server says is thrown away; what it is told still reaches it. */
  loseReplies(): void;
  /** Takes so many new connections as usual; those after them are accepted and hear nothing until `restore`. */
  holdAfter(connections: number): void;
  /** Breaks every connection; new ones are refused until `restore`. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine and passes everything on to `target`. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const held = new Set<Socket>();
  let isCut = false;
  let isLosing = false;
  let freeLeft = Number.POSITIVE_INFINITY;

  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    freeLeft -= 1;
    if (freeLeft < 0) {
      held.add(client);
      client.on("error", () => client.destroy());
      return;
    }
    const upstream = connect(target);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      if (!isLosing) client.write(bytes);
    });
    for (const socket of pair) {
      // A broken connection is what this proxy is for.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        pairs.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const breakAll = () => {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
    for (const client of held) client.destroy();
    held.clear();
  };
  return {
    through: (url) => url.replace(`${target.host}:${target.port}`, `127.0.0.1:${address.port}`),
    loseReplies() {
      isLosing = true;
    },
    holdAfter(connections) {
      freeLeft = connections;
    },
    cut() {
      isCut = true;
      breakAll();
    },
    restore() {
      isCut = false;
      isLosing = false;
      freeLeft = Number.POSITIVE_INFINITY;
      for (const client of held) client.destroy();
      held.clear();
    },
    close() {
      breakAll();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
