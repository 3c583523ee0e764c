import type { Duplex } from "node:stream";
import type { AppError } from "@ashchat/contracts/errors";
import type { ClientId, RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import type { Cursor } from "@ashchat/contracts/message";
import { CLOSE_CODES, type ServerFrame } from "@ashchat/contracts/realtime";
import type WebSocket from "ws";
import type { NodeLimits } from "./limits";
import { encodeFrame, Outbox, type Flusher } from "./outbox";
import type { TokenBucket } from "./token-bucket";

/**
 * One socket.
 *
 *   waiting ──auth──▶ checking ──ready──▶ ready
 *      └───────────────┴──────────────────┴──▶ closed
 *
 * waiting: nothing but `auth` is accepted, within `authDeadlineMs`. checking: the ticket and the session are being looked
 * up; frames are refused. ready: subscribed. closed: nothing is sent or accepted any more, whoever closed it; the socket
 * itself may live on for the closing handshake, which `ws` ends after its own deadline.
 */
export type Phase = "waiting" | "checking" | "ready" | "closed";

export interface SignedIn {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** When the session ends by itself. */
  readonly expiresAt: number;
}

export type CloseReason = keyof typeof CLOSE_CODES;

export interface ConnectionOptions {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly flusher: Flusher;
  readonly address: string;
  readonly limits: NodeLimits;
  readonly now: number;
  /** Called once, when the phase becomes `closed`. */
  readonly onClosed: (connection: Connection, reason: CloseReason | "gone") => void;
}

export class Connection {
  readonly address: string;
  readonly openedAt: number;
  readonly #ws: WebSocket;
  readonly #outbox: Outbox;
  readonly #onClosed: ConnectionOptions["onClosed"];
  #phase: Phase = "waiting";
  #signedIn: SignedIn | null = null;
  /** When the client was heard last. */
  heardAt: number;
  bucket: TokenBucket | null = null;
  malformedFrames = 0;
  /** Frames in a row that the token bucket refused. */
  refusedFrames = 0;
  sendsInFlight = 0;
  /** Rooms that wait to be resumed, in order of asking; null while no resume is under way. */
  resuming: Map<RoomId, Cursor> | null = null;
  /** Its rooms may have changed while it was being signed in. */
  mustSync = false;

  constructor(options: ConnectionOptions) {
    this.#ws = options.ws;
    this.#onClosed = options.onClosed;
    this.address = options.address;
    this.openedAt = options.now;
    this.heardAt = options.now;
    this.#outbox = new Outbox({
      socket: options.socket,
      flusher: options.flusher,
      limits: options.limits,
      onFull: () => this.close("tooSlow"),
    });
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  get queueBytes(): number {
    return this.#outbox.queueBytes;
  }

  /** Null until the ticket has been accepted. */
  get signedIn(): SignedIn | null {
    return this.#signedIn;
  }

  startChecking(): void {
    if (this.#phase === "waiting") this.#phase = "checking";
  }

  signIn(signedIn: SignedIn): void {
    this.#signedIn = signedIn;
  }

  becomeReady(): void {
    if (this.#phase === "checking") this.#phase = "ready";
  }

  push(frame: Buffer): void {
    this.#outbox.push(frame);
  }

  pushEphemeral(frame: Buffer): void {
    this.#outbox.pushEphemeral(frame);
  }

  send(frame: ServerFrame): void {
    this.#outbox.push(encodeFrame(frame));
  }

  refuse(
    error: Pick<AppError, "code" | "retryable" | "retryAfterMs">,
    about: { ref?: ClientId; roomId?: RoomId } = {},
  ): void {
    this.send({
      t: "error",
      code: error.code,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs ?? null,
      ref: about.ref ?? null,
      roomId: about.roomId ?? null,
    });
  }

  /** Resolves when the socket takes more, or is closed. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Writes what waits, then the close frame. A slow socket's queue is dropped instead; its client resumes. */
  close(reason: CloseReason): void {
    if (this.#phase === "closed") return;
    this.#outbox.flush();
    this.#end(reason);
    this.#ws.close(CLOSE_CODES[reason], reason);
  }

  /** The socket is gone, by itself or by `ws` (which answers protocol errors with its own close codes). */
  gone(): void {
    if (this.#phase !== "closed") this.#end("gone");
  }

  #end(reason: CloseReason | "gone"): void {
    this.#phase = "closed";
    this.#outbox.discard();
    this.resuming = null;
    this.#onClosed(this, reason);
  }
}
