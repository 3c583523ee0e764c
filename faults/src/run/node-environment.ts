import { createMemoryLocks, type Environment } from "@ashchat/web/realtime/environment";
import { realtimeUrl } from "@ashchat/web/realtime/browser";
import WebSocket from "ws";

/** What the browser's realtime client needs of its world, in Node: real sockets, a clock, and a switch for the network. */
export interface NodeEnvironment extends Environment {
  /** As if the device had lost its network, or found it again. */
  setOnline(isOnline: boolean): void;
}

export interface NodeEnvironmentOptions {
  /** Of the page, which the server checks. */
  origin: string;
  random: () => number;
  /** Where to connect instead of the address that the ticket names: one of several servers, behind a proxy. */
  addressOf(): string;
  /** From which address of this machine; a server bounds the sockets of one. */
  localAddress?: string;
  /** Sees every frame of one connection, in both directions. */
  listen(): { onSent(text: string): void; onHeard(text: string): void; onClosed(): void };
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
const NO_CLOSE_FRAME = 1006;

export function createNodeEnvironment(options: NodeEnvironmentOptions): NodeEnvironment {
  const { origin, random, addressOf, listen, localAddress } = options;
  let isOnline = true;
  const listeners = new Set<() => void>();
  const sockets = new Set<WebSocket>();
  return {
    clock: {
      now: Date.now,
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random,
    },
    signals: {
      isOnline: () => isOnline,
      isVisible: () => true,
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    locks: createMemoryLocks(),
    openSocket(_url, events) {
      const witness = listen();
      const own = { handshakeTimeout: HANDSHAKE_TIMEOUT_MS, perMessageDeflate: false, localAddress };
      const socket = new WebSocket(realtimeUrl(addressOf()), { origin, ...own });
      sockets.add(socket);
      socket.on("open", () => events.onOpen());
      socket.on("message", (data: Buffer) => {
        const text = data.toString("utf8");
        witness.onHeard(text);
        events.onText(text);
      });
      socket.on("error", () => undefined); // `close` follows
      socket.on("close", (code) => {
        sockets.delete(socket);
        witness.onClosed();
        events.onClose(code === 0 ? NO_CLOSE_FRAME : code);
      });
      return {
        send(text) {
          if (socket.readyState !== WebSocket.OPEN) return;
          witness.onSent(text);
          socket.send(text);
        },
        close(code) {
          witness.onClosed(); // what still arrives is not heard any more
          socket.close(code);
        },
      };
    },
    openChannel: () => ({ post: () => undefined, close: () => undefined }),
    setOnline(next) {
      isOnline = next;
      if (!next) for (const socket of sockets) socket.terminate();
      for (const listener of listeners) listener();
    },
  };
}
