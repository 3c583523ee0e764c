import { LIMITS } from "@ashchat/contracts/limits";
import type { ClientFrame, ReadyFrame, ServerFrame } from "@ashchat/contracts/realtime";
import { CLOSE_CODES, PROTOCOL_VERSION, serverFrameSchema } from "@ashchat/contracts/realtime";
import type { RealtimeApi } from "./api";
import type { Environment, OpenSocket } from "./environment";
import { createTickets } from "./tickets";

/**
 * One WebSocket that comes back by itself.
 *
 *   idle ──start──▶ connecting ──open, auth sent──▶ authenticating ──ready──▶ live
 *                       ▲  │                              │                    │
 *                       │  └────────── failed ────────────┴──── closed ────────┤
 *                  time, online, visible, reconnectNow                         ▼
 *                       └──────────────────────────────────────────────── waiting{retryAt}
 *   any ──signed out, forbidden──▶ stopped          any ──stop──▶ idle
 *
 * - A connection that is not live LIMITS.sendTimeoutMs after its beginning is given up.
 * - Waiting: full jitter between LIMITS.reconnectDelayMinMs and a bound that doubles up to LIMITS.reconnectDelayMaxMs; it
 *   starts small again after a connection that was live for STABLE_MS. Offline: `retryAt` null, waits for the browser.
 * - Live: a ping every LIMITS.heartbeatIntervalMs, and at once when the page becomes visible; nothing heard for
 *   LIMITS.silentSocketMs closes the connection.
 * - Every connection has a number; what an older one says is dropped.
 */
export type SocketState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "authenticating" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly retryAt: number | null }
  | { readonly kind: "stopped"; readonly reason: "signed_out" };

export interface RealtimeSocket {
  start(): void;
  stop(): void;
  state(): SocketState;
  /** False where it is not live: nothing was sent. */
  send(frame: ClientFrame): boolean;
  reconnectNow(): void;
  /** The session has ended, as was learnt on another way. */
  endSession(): void;
}

interface SocketOptions {
  readonly environment: Pick<Environment, "clock" | "signals" | "openSocket">;
  readonly ticket: RealtimeApi["ticket"];
  onState(state: SocketState): void;
  /** Before `onState(live)` returns, nothing else is heard. */
  onReady(ready: ReadyFrame): void;
  onFrame(frame: ServerFrame): void;
}

/** A connection that lived this long was a good one. */
const STABLE_MS = 5_000;
/** Asked to slow down: begin with waits of up to 500 ms · 2^5 = 16 s. */
const SLOW_ATTEMPT = 4;
/** Answers that say that the session has ended. */
export const SIGNED_OUT_CODES: ReadonlySet<string> = new Set(["not_signed_in", "session_revoked"]);
const STOPPING: ReadonlySet<number> = new Set([CLOSE_CODES.signedOut, CLOSE_CODES.forbidden]);
const SLOWING: ReadonlySet<number> = new Set([
  CLOSE_CODES.flooded,
  CLOSE_CODES.overloaded,
  CLOSE_CODES.replaced,
  CLOSE_CODES.tooSlow,
]);

export function createSocket(options: SocketOptions): RealtimeSocket {
  const { clock, signals, openSocket } = options.environment;
  const tickets = createTickets({ ask: options.ticket, clock });
  let state: SocketState = { kind: "idle" };
  let generation = 0;
  let attempt = 0;
  let open: OpenSocket | null = null;
  let liveAt = 0;
  let heardAt = 0;
  let cancelTimer = () => {};
  let stopSignals = () => {};

  function enter(next: SocketState): void {
    state = next;
    options.onState(next);
  }

  /** Ends whatever connection there is; what it still says is dropped. */
  function abandon(code: number): number {
    generation += 1;
    cancelTimer();
    cancelTimer = () => {};
    const closing = open;
    open = null;
    closing?.close(code);
    return generation;
  }

  function connect(): void {
    const own = abandon(CLOSE_CODES.normal);
    cancelTimer = clock.after(LIMITS.sendTimeoutMs, () => wait(own));
    enter({ kind: "connecting" });
    void tickets.take().then((answer) => {
      if (own !== generation) return;
      if (answer.ok) openWith(own, answer.value);
      else if (SIGNED_OUT_CODES.has(answer.error.code)) stopFor("signed_out");
      else wait(own);
    });
  }

  function openWith(own: number, { ticket, url }: { ticket: string; url: string }): void {
    open = openSocket(url, {
      onOpen() {
        if (own !== generation) return;
        enter({ kind: "authenticating" });
        tickets.spend();
        transmit({ t: "auth", v: PROTOCOL_VERSION, ticket });
      },
      onText: (text) => own === generation && hear(text),
      onClose: (code) => own === generation && closed(own, code),
    });
  }

  function transmit(frame: ClientFrame): void {
    open?.send(JSON.stringify(frame));
  }

  function hear(text: string): void {
    heardAt = clock.now();
    const frame = parseFrame(text);
    if (frame === null) return;
    if (frame.t === "ready") return becomeLive(frame);
    if (frame.t === "reconnect") return wait(generation, frame.afterMs);
    if (state.kind === "live" && frame.t !== "pong") options.onFrame(frame);
  }

  function becomeLive(ready: ReadyFrame): void {
    cancelTimer();
    liveAt = clock.now();
    enter({ kind: "live" });
    options.onReady(ready);
    beat();
  }

  function beat(): void {
    cancelTimer = clock.after(LIMITS.heartbeatIntervalMs, () => {
      if (clock.now() - heardAt >= LIMITS.silentSocketMs) return wait(generation);
      transmit({ t: "ping" });
      beat();
    });
  }

  function closed(own: number, code: number): void {
    open = null;
    if (STOPPING.has(code)) return stopFor("signed_out");
    if (SLOWING.has(code)) attempt = Math.max(attempt, SLOW_ATTEMPT);
    wait(own);
  }

  function wait(own: number, afterMs: number | null = null): void {
    if (own !== generation) return;
    const wasStable = state.kind === "live" && clock.now() - liveAt >= STABLE_MS;
    attempt = wasStable ? 0 : attempt;
    abandon(CLOSE_CODES.normal);
    if (!signals.isOnline()) return enter({ kind: "waiting", retryAt: null });
    const delayMs = afterMs ?? nextDelayMs();
    cancelTimer = clock.after(delayMs, connect);
    enter({ kind: "waiting", retryAt: clock.now() + delayMs });
  }

  function nextDelayMs(): number {
    attempt += 1;
    return reconnectDelayMs(attempt, clock.random());
  }

  function stopFor(reason: "signed_out"): void {
    abandon(CLOSE_CODES.normal);
    enter({ kind: "stopped", reason });
  }

  function signalled(): void {
    if (!signals.isOnline()) {
      // Browsers say offline when no network is left: the socket is dead although it does not know.
      if (state.kind !== "idle" && state.kind !== "stopped") wait(generation);
      return;
    }
    if (state.kind === "waiting") return connect();
    if (state.kind === "live" && signals.isVisible()) probe();
  }

  /** After sleep a dead connection looks alive: ask, and give the answer only as long as a send. */
  function probe(): void {
    const own = generation;
    const askedAt = clock.now();
    transmit({ t: "ping" });
    clock.after(LIMITS.sendTimeoutMs, () => own === generation && heardAt < askedAt && wait(own));
  }

  return {
    start() {
      if (state.kind !== "idle") return;
      stopSignals = signals.onChange(signalled);
      if (signals.isOnline()) connect();
      else enter({ kind: "waiting", retryAt: null });
    },
    stop() {
      stopSignals();
      abandon(CLOSE_CODES.normal);
      attempt = 0;
      if (state.kind !== "idle") enter({ kind: "idle" });
    },
    state: () => state,
    send(frame) {
      if (state.kind !== "live") return false;
      transmit(frame);
      return true;
    },
    reconnectNow() {
      if (state.kind === "waiting") connect();
    },
    endSession() {
      if (state.kind !== "idle") stopFor("signed_out");
    },
  };
}

/** Full jitter: clients that lost the same server come back spread over the whole step. `random` in [0, 1). */
export function reconnectDelayMs(attempt: number, random: number): number {
  const stepMs = Math.min(LIMITS.reconnectDelayMaxMs, LIMITS.reconnectDelayMinMs * 2 ** attempt);
  return Math.round(LIMITS.reconnectDelayMinMs + random * (stepMs - LIMITS.reconnectDelayMinMs));
}

/** Null for what this version does not know: the server may have learnt new frames. */
export function parseFrame(text: string): ServerFrame | null {
  const parsed = serverFrameSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
