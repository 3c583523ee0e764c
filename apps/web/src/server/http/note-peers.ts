import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { PEER_HEADER } from "./client-address";

/**
 * Routes of Next see headers only, no socket. Node announces each request before its server does, so this writes the
 * address of the peer into a header then; whatever a client sent under that name is gone.
 */
export function notePeers(): void {
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    const { request } = message;
    if (request instanceof IncomingMessage) request.headers[PEER_HEADER] = request.socket.remoteAddress ?? "unknown";
  });
}
