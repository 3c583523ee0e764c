import { readFileSync } from "node:fs";

const ESTABLISHED = "01";

/**
 * Whether the server has given up a connection that its client does not read: the client cannot tell, for the news waits
 * behind what it has not read, but the kernel can.
 */
export function isEstablished(serverPort: number, clientPort: number): boolean {
  const server = `:${hexOf(serverPort)}`;
  const client = `:${hexOf(clientPort)}`;
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n")) {
    const [, local = "", remote = "", state] = line.trim().split(/\s+/u);
    if (local.endsWith(server) && remote.endsWith(client)) return state === ESTABLISHED;
  }
  return false;
}

function hexOf(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
