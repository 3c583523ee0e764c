import type { UserId } from "@ashchat/contracts/ids";
import type { RealtimeClient, RealtimeClientOptions } from "./client";
import { createRealtimeClient } from "./client";
import type { Clock, Environment, Locks, OpenSocket, Signals, SocketEvents, TabChannel } from "./environment";
import { createMemoryLocks } from "./environment";
import type { OutboxStore } from "./outbox-store";
import { openIndexedDbStore } from "./outbox-store";
import { createResilientStore } from "./resilient-store";

/** The client of this browser tab: its socket, IndexedDB, locks and timers. Make one per signed-in person. */
export function createBrowserClient(options: Pick<RealtimeClientOptions, "api" | "me" | "firstRooms">): RealtimeClient {
  return createRealtimeClient({ ...options, environment: createBrowserEnvironment(), openStore: openBrowserStore });
}

/** Also usable where a part is missing: its replacement works within this tab. */
function createBrowserEnvironment(): Environment {
  return { clock: browserClock, signals: browserSignals, locks: browserLocks(), openSocket, openChannel };
}

function openBrowserStore(userId: UserId, onDegraded: () => void): OutboxStore {
  return createResilientStore({ open: () => openIndexedDbStore(userId), clock: browserClock, onDegraded });
}

const REALTIME_PATH = "/realtime";
/** Close code of a connection that never was one (RFC 6455, 7.1.5). */
const ABNORMAL = 1006;

const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

const browserSignals: Signals = {
  // Without a window (the server renders first) there is nothing to wait for.
  isOnline: () => typeof navigator === "undefined" || navigator.onLine !== false,
  isVisible: () => typeof document !== "undefined" && document.visibilityState === "visible",
  onChange(listener) {
    const stop = new AbortController();
    for (const event of ["online", "offline", "pageshow"]) window.addEventListener(event, listener, stop);
    document.addEventListener("visibilitychange", listener, stop);
    return () => stop.abort();
  },
};

/** Insecure origins and old browsers have no Web Locks; then tabs may send at the same time, each text still once. */
function browserLocks(): Locks {
  const manager = typeof navigator === "undefined" ? undefined : navigator.locks;
  if (manager === undefined) return createMemoryLocks();
  return { hold: (name, signal, run) => manager.request(name, { signal }, run) };
}

function openSocket(url: string, events: SocketEvents): OpenSocket {
  let socket: WebSocket;
  try {
    socket = new WebSocket(realtimeUrl(url));
  } catch {
    // A malformed address, or one that the page's policy forbids: the same as one that nobody answers.
    queueMicrotask(() => events.onClose(ABNORMAL));
    return { send: () => {}, close: () => {} };
  }
  socket.addEventListener("open", events.onOpen);
  socket.addEventListener("message", ({ data }) => typeof data === "string" && events.onText(data));
  socket.addEventListener("close", ({ code }) => events.onClose(code));
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
  };
}

/** Where the realtime server listens on an address that names no path; a proxy may have put it under another. */
export function realtimeUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === "/") parsed.pathname = REALTIME_PATH;
  return parsed.href;
}

function openChannel(name: string, onMessage: (message: unknown) => void): TabChannel {
  if (typeof BroadcastChannel === "undefined") return { post: () => {}, close: () => {} };
  const channel = new BroadcastChannel(name);
  channel.addEventListener("message", ({ data }) => onMessage(data));
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}
