import { randomUUID } from "node:crypto";
import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { ConfirmChannel, Options } from "amqplib";

/**
 * Publishing with confirms. A message is in flight from the call to the broker's answer; how many and how large they may
 * be together is bounded, and beyond it a call is refused with `overloaded` at once. A call that times out keeps its place
 * until the broker answers or the channel breaks, so that a stalled broker cannot fill the memory.
 */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly properties?: Pick<Options.Publish, "correlationId" | "replyTo" | "type">;
  /** A reply to somebody who may be gone: neither kept on disk nor missed. */
  readonly transient?: boolean;
}

export interface Sender {
  /** Resolves when the broker has it on disk; never rejects. `unavailable` and `timeout`: it may or may not have it. */
  send(message: Outgoing): Promise<Result<void, AppError>>;
  /** False while a call would have to wait for a connection. */
  isUp(): boolean;
  attach(channel: ConfirmChannel): void;
  detach(): void;
  inFlight(): number;
  /** Resolves when nothing is in flight; new calls are refused. */
  drain(): Promise<void>;
}

export interface SenderOptions {
  readonly timeoutMs?: number;
  readonly blocked: () => string | null;
  readonly inFlightMax?: number;
}

interface State {
  channel: ConfirmChannel | null;
  inFlight: number;
  inFlightBytes: number;
  draining: boolean;
  /** Unroutable messages by id: the broker says so just before it confirms them. */
  readonly returned: Set<string>;
  readonly wake: Set<() => void>;
}

export function createSender(options: SenderOptions): Sender {
  const state: State = {
    channel: null,
    inFlight: 0,
    inFlightBytes: 0,
    draining: false,
    returned: new Set(),
    wake: new Set(),
  };
  const wakeAll = () => {
    for (const wake of state.wake) wake();
  };
  return {
    send: (message) => send(state, options, message),
    isUp: () => state.channel !== null,
    inFlight: () => state.inFlight,
    attach: (channel) => {
      state.channel = channel;
      channel.on("return", ({ properties }) => {
        if (typeof properties.messageId === "string") state.returned.add(properties.messageId);
      });
      wakeAll();
    },
    detach: () => {
      state.channel = null;
      state.returned.clear();
    },
    drain: async () => {
      state.draining = true;
      await until(state, () => state.inFlight === 0);
    },
  };
}

async function send(state: State, options: SenderOptions, message: Outgoing): Promise<Result<void, AppError>> {
  const refusal = refuse(state, options, message);
  if (refusal !== null) return fail(refusal);
  const { timeoutMs = LIMITS.publishTimeoutMs } = options;
  const sizeBytes = message.content.length;
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    state.inFlight -= 1;
    state.inFlightBytes -= sizeBytes;
    for (const wake of state.wake) wake();
  };
  state.inFlight += 1;
  state.inFlightBytes += sizeBytes;
  return new Promise((resolve) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      if (state.channel === null) release();
      resolve(fail(appError(state.channel === null ? "unavailable" : "timeout", `no confirm within ${timeoutMs} ms`)));
    }, timeoutMs);
    const finish = (result: Result<void, AppError>) => {
      clearTimeout(timer);
      release();
      resolve(result);
    };
    void until(state, () => state.channel !== null || !waiting).then(() => {
      if (waiting && state.channel !== null) write(state, message, finish);
      else release();
    });
  });
}

function refuse(
  state: State,
  { blocked, inFlightMax = LIMITS.publishInFlightMax }: SenderOptions,
  message: Outgoing,
): AppError | null {
  const sizeBytes = message.content.length;
  if (sizeBytes > LIMITS.queueMessageBytesMax) return appError("invalid_input", `queue message of ${sizeBytes} bytes`);
  if (state.draining) return appError("unavailable", "the publisher is closing");
  const reason = blocked();
  if (reason !== null) return appError("overloaded", `the broker accepts no messages: ${reason}`);
  if (state.inFlight >= inFlightMax) return appError("overloaded", `${inFlightMax} messages are in flight`);
  if (state.inFlightBytes + sizeBytes > LIMITS.publishInFlightBytesMax)
    return appError("overloaded", "too many bytes are in flight");
  return null;
}

function write(state: State, message: Outgoing, finish: (result: Result<void, AppError>) => void): void {
  const messageId = randomUUID();
  const { exchange, routingKey, content, headers = {}, transient = false } = message;
  const properties: Options.Publish = {
    ...message.properties,
    messageId,
    headers,
    mandatory: !transient,
    persistent: !transient,
    contentType: "application/json",
  };
  try {
    state.channel?.publish(exchange, routingKey, content, properties, (error: unknown) => {
      const unroutable = state.returned.delete(messageId);
      if (unroutable) return finish(fail(appError("unavailable", `no queue takes ${exchange}/${routingKey}`)));
      finish(error === null || error === undefined ? ok(undefined) : fail(refusalOf(error)));
    });
  } catch (error) {
    // The channel broke in this very turn; its end is on the way to `detach`.
    finish(fail(appError("unavailable", "the channel is closed", { cause: error })));
  }
}

/** A nack means that the queue is full; everything else that the channel broke before the answer. */
function refusalOf(error: unknown): AppError {
  const nacked = error instanceof Error && error.message === "message nacked";
  return nacked
    ? appError("overloaded", "the queue is full", { cause: error })
    : appError("unavailable", "the connection broke before the confirm", { cause: error });
}

/** Looks again at every change of the state; the caller makes sure that one comes. */
function until(state: State, isMet: () => boolean): Promise<void> {
  if (isMet()) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      if (!isMet()) return;
      state.wake.delete(wake);
      resolve();
    };
    state.wake.add(wake);
  });
}
