import type { Duplex } from "node:stream";
import type { ServerFrame } from "@ashchat/contracts/realtime";

/**
 * What leaves a socket. A frame is made once, for however many sockets (`encodeFrame`), and waits in each socket's
 * `Outbox` until the end of the event loop's turn; then everything that waits is one write (one system call). Sockets
 * that got the same frames in this turn share the joined buffer as well.
 *
 * This goes past `ws` to the raw socket, which is safe while compression is off: `ws` then writes its own frames (pong,
 * close) synchronously and whole. Before `ws` closes, `flush` must have been called, so that the order holds.
 */

const FIN_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LENGTH_7_MAX = 125;
const LENGTH_16_MAX = 0xffff;
/** Above this a joined copy costs more than it saves: the parts go out together by cork (writev). */
const JOIN_BYTES_MAX = 65_536;

/** An unmasked, unfragmented text frame (RFC 6455, 5.2). */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length <= LENGTH_7_MAX ? 2 : length <= LENGTH_16_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FIN_TEXT;
  if (header === 2) {
    frame[1] = length;
  } else if (header === 4) {
    frame[1] = LENGTH_16;
    frame[2] = length >>> 8;
    frame[3] = length & 0xff;
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}

export function encodeFrame(frame: ServerFrame): Buffer {
  return textFrame(JSON.stringify(frame));
}

/** Writes out at the end of the turn; one for the process, so that a turn costs one `setImmediate`. */
export class Flusher {
  #waiting: Outbox[] = [];
  #scheduled = false;
  #lastFrames: readonly Buffer[] = [];
  #lastJoined: Buffer | null = null;

  schedule(outbox: Outbox): void {
    this.#waiting.push(outbox);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flushAll);
  }

  /** One buffer for `frames`; the same one as before when the frames are the same ones. */
  join(frames: readonly Buffer[], sizeBytes: number): Buffer {
    if (this.#lastJoined !== null && isSame(frames, this.#lastFrames)) return this.#lastJoined;
    this.#lastJoined = Buffer.concat(frames, sizeBytes);
    this.#lastFrames = frames;
    return this.#lastJoined;
  }

  #flushAll = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#scheduled = false;
    for (const outbox of waiting) outbox.flush();
    this.#lastFrames = [];
    this.#lastJoined = null;
  };
}

function isSame(left: readonly Buffer[], right: readonly Buffer[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = left.length - 1; index >= 0; index -= 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

interface OutboxLimits {
  /** Above this only frames that matter later are queued: typing and presence are dropped. */
  readonly socketQueueBytesSoft: number;
  /** Above this the socket is given up (`onFull`); its client comes back and resumes. */
  readonly socketQueueBytesMax: number;
}

export interface OutboxOptions {
  readonly socket: Duplex;
  readonly flusher: Flusher;
  readonly limits: OutboxLimits;
  /** Called once, when a frame would not fit. Nothing is queued any more afterwards. */
  readonly onFull: () => void;
}

/** One socket's queue of frames that are ready to be written. */
export class Outbox {
  readonly #options: OutboxOptions;
  #frames: Buffer[] = [];
  #queuedBytes = 0;
  /** What the stream held when this turn's first frame came; it can only have become less. */
  #heldBytes = 0;
  #scheduled = false;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Bytes that the process holds for this socket (the kernel may hold some more). */
  get queueBytes(): number {
    return this.#queuedBytes + this.#options.socket.writableLength;
  }

  push(frame: Buffer): void {
    if (this.#closed) return;
    if (!this.#scheduled) this.#heldBytes = this.#options.socket.writableLength;
    if (this.#heldBytes + this.#queuedBytes + frame.length > this.#options.limits.socketQueueBytesMax) {
      this.discard();
      this.#options.onFull();
      return;
    }
    this.#frames.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.flusher.schedule(this);
  }

  /** For typing and presence: dropped when the socket is slow. */
  pushEphemeral(frame: Buffer): void {
    if (this.queueBytes <= this.#options.limits.socketQueueBytesSoft) this.push(frame);
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#scheduled = false;
    const frames = this.#frames;
    const [first] = frames;
    if (first === undefined || this.#closed) return;
    this.#frames = [];
    const sizeBytes = this.#queuedBytes;
    this.#queuedBytes = 0;
    const { socket, flusher } = this.#options;
    if (!socket.writable) return;
    if (frames.length === 1) {
      socket.write(first);
    } else if (sizeBytes <= JOIN_BYTES_MAX) {
      socket.write(flusher.join(frames, sizeBytes));
    } else {
      socket.cork();
      for (const frame of frames) socket.write(frame);
      socket.uncork();
    }
  }

  /** Resolves when the socket takes more without queueing, or is closed. */
  async drained(): Promise<void> {
    this.flush();
    const { socket } = this.#options;
    if (this.#closed || socket.destroyed || !socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.on("drain", done);
      socket.on("close", done);
    });
  }

  /** Drops what waits and takes nothing more. */
  discard(): void {
    this.#closed = true;
    this.#frames = [];
    this.#queuedBytes = 0;
  }
}
