import { createServer, STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { NodeLimits } from "./limits";

/**
 * The public port: WebSocket upgrades on `/realtime` and nothing else. What is refused here is refused before `ws` sees it:
 * another path, an Origin that is not exactly one of the list (an absent one as well: only pages come here), too many
 * sockets from one address or in this process.
 */
export interface ServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly allowedOrigins: readonly string[];
  /** Whether the last entry of X-Forwarded-For names the client (written by our own proxy). */
  readonly trustProxy: boolean;
  readonly limits: NodeLimits;
  readonly accept: (ws: WebSocket, socket: Duplex, address: string) => void;
  readonly onRefused: (reason: string) => void;
}

export interface RealtimeServer {
  readonly port: number;
  /** From now on every upgrade is answered 503. */
  refuse(): void;
  close(): Promise<void>;
}

const PATH = "/realtime";
const HEADERS_TIMEOUT_MS = 5_000;
/** How often connections are looked at for it: Node's own 30 s would let whoever says nothing stay for 35. */
const CONNECTIONS_CHECK_MS = 1_000;
const HEADERS_MAX = 64;
const HEADER_BYTES_MAX = 16_384;
const FRAGMENTS_MAX = 32;
const BUFFERED_CHUNKS_MAX = 1_024;
/** How long a closing handshake may take before the socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000;
const BACKLOG = 1_024;

type Refusal = { status: 400 | 403 | 404 | 429 | 503; reason: string };

export async function startServer(options: ServerOptions): Promise<RealtimeServer> {
  const wsOptions = {
    noServer: true,
    clientTracking: false,
    maxPayload: options.limits.frameBytesMax,
    maxFragments: FRAGMENTS_MAX,
    maxBufferedChunks: BUFFERED_CHUNKS_MAX,
    perMessageDeflate: false,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  const sockets = new WebSocketServer(wsOptions);
  const doorman = createDoorman(options);
  const bounds = { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: CONNECTIONS_CHECK_MS };
  const server = createServer(bounds, (_req, res) => {
    res.writeHead(426, { Connection: "close", "Content-Type": "text/plain" });
    res.end(STATUS_CODES[426]);
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = HEADERS_TIMEOUT_MS;
  server.maxHeadersCount = HEADERS_MAX;
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("upgrade", (req, socket, head) => {
    // A socket without an error listener would end the process.
    socket.on("error", () => socket.destroy());
    const address = addressOf(req, options.trustProxy);
    const refusal = doorman.refusal(req, address);
    if (refusal !== null) {
      options.onRefused(refusal.reason);
      refuse(socket, refusal);
      return;
    }
    doorman.entered(address);
    socket.once("close", () => doorman.left(address));
    sockets.handleUpgrade(req, socket, head, (ws) => options.accept(ws, socket, address));
  });
  await listen(server, options);
  return {
    port: portOf(server),
    refuse: doorman.shut,
    close: () => closeServer(server),
  };
}

function createDoorman({ allowedOrigins, limits }: ServerOptions) {
  const origins = new Set(allowedOrigins);
  const perAddress = new Map<string, number>();
  let total = 0;
  let isShut = false;
  return {
    refusal(req: IncomingMessage, address: string): Refusal | null {
      if (pathOf(req) !== PATH) return { status: 404, reason: "path" };
      if (!origins.has(req.headers.origin ?? "")) return { status: 403, reason: "origin" };
      if (isShut || total >= limits.connectionsPerProcessMax) return { status: 503, reason: "process_full" };
      const count = perAddress.get(address) ?? 0;
      return count >= limits.connectionsPerAddressMax ? { status: 429, reason: "address_full" } : null;
    },
    entered(address: string): void {
      total += 1;
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    },
    left(address: string): void {
      total -= 1;
      const count = (perAddress.get(address) ?? 0) - 1;
      if (count > 0) perAddress.set(address, count);
      else perAddress.delete(address);
    },
    shut(): void {
      isShut = true;
    },
  };
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? "").split("?", 1)[0] ?? "";
}

/** The last entry was written by the proxy in front of us; those before it may be invented. */
function addressOf(req: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? req.headers["x-forwarded-for"] : undefined;
  const last = [forwarded].flat().join(",").split(",").at(-1)?.trim();
  return last !== undefined && last !== "" ? last : (req.socket.remoteAddress ?? "unknown");
}

function refuse(socket: Duplex, { status }: Refusal): void {
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
