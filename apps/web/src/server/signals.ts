import { subscribe } from "node:diagnostics_channel";
import { Server } from "node:http";
import type { WebProcess } from "./web-process";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const EXIT_FAILURE = 1;

/**
 * An ordered end: no new requests, what is under way is answered, then the connections close. Next's own handlers would end
 * the process before that and are taken off; in development they stay, for they also end its watcher.
 */
export function endOnSignals({ shutdown, log }: WebProcess, internalPort: number): void {
  // oxlint-disable-next-line no-restricted-properties -- a constant of the build, not of the environment
  if (process.env.NODE_ENV === "development") return;
  const servers = rememberServers(internalPort);
  shutdown.add("intake", "http", async () => {
    await Promise.all([...servers].map(closeServer));
  });
  const end = (signal: NodeJS.Signals) => {
    if (shutdown.isRunning()) {
      log.fatal({ signal }, "ended at once");
      process.exit(EXIT_FAILURE);
    }
    void shutdown.run(signal).then((clean) => process.exit(clean ? 0 : EXIT_FAILURE));
  };
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, end);
  }
}

/**
 * Next keeps its server to itself, but each server shows itself with its first request; before that nothing is under way.
 * The internal one closes last, so that the end can be watched.
 */
function rememberServers(internalPort: number): ReadonlySet<Server> {
  const servers = new Set<Server>();
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null || !("server" in message)) return;
    const { server } = message;
    if (server instanceof Server && portOf(server) !== internalPort) servers.add(server);
  });
  return servers;
}

function portOf(server: Server): number | null {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : null;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
