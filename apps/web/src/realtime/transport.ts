import type { AppError, ErrorCode } from "@ashchat/contracts/errors";
import type { ClientId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import type { ServerFrameOf } from "@ashchat/contracts/realtime";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";
import type { RealtimeSocket, SocketState } from "./socket";
import type { OutboxEntry } from "./state";

/** `again`: unknown or not now; the same entry may be sent again. `refused`: this text will never be taken. */
export type SendOutcome =
  | {
      readonly kind: "acknowledged";
      readonly seq: number;
      readonly sentAt: number;
      readonly message: MessageView | null;
    }
  | { readonly kind: "refused"; readonly code: ErrorCode }
  | { readonly kind: "again"; readonly code: ErrorCode | null; readonly afterMs: number | null };

/**
 * Takes one text to the server: over the socket while it is live, else over HTTP. One send waits at a time per room (the
 * outbox sees to that), so nothing overtakes when the way changes.
 */
export interface Transport {
  transmit(entry: Pick<OutboxEntry, "roomId" | "clientId" | "text">): Promise<SendOutcome>;
  onAck(frame: ServerFrameOf<"ack">): void;
  onError(frame: ServerFrameOf<"error">): void;
  /** The message itself was heard: as good as an acknowledgement. */
  onOwnMessage(message: MessageView): void;
  onSocketState(state: SocketState): void;
}

/** A socket that is just being opened is worth this much waiting before HTTP is used. */
const OPENING_WAIT_MS = 2_000;

type Wait = (outcome: SendOutcome) => void;

export function createTransport(options: {
  socket: RealtimeSocket;
  api: Pick<RealtimeApi, "send">;
  clock: Clock;
}): Transport {
  const { socket, api, clock } = options;
  const waiting = new Map<ClientId, Wait>();
  const forOpening = new Set<() => void>();

  function bySocket(entry: Pick<OutboxEntry, "roomId" | "clientId" | "text">): Promise<SendOutcome> | null {
    const { roomId, clientId, text } = entry;
    if (!socket.send({ t: "send", roomId, clientId, text })) return null;
    return new Promise((resolve) => {
      const cancel = clock.after(LIMITS.sendTimeoutMs, () => end({ kind: "again", code: "timeout", afterMs: null }));
      function end(outcome: SendOutcome): void {
        cancel();
        waiting.delete(clientId);
        resolve(outcome);
      }
      waiting.set(clientId, end);
    });
  }

  async function byHttp({ roomId, clientId, text }: Pick<OutboxEntry, "roomId" | "clientId" | "text">) {
    const answer = await api.send({ roomId, clientId, text });
    return answer.ok ? { kind: "acknowledged" as const, ...answer.value } : outcomeOf(answer.error);
  }

  function settled(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(OPENING_WAIT_MS, go);
      function go(): void {
        cancel();
        forOpening.delete(go);
        resolve();
      }
      forOpening.add(go);
    });
  }

  return {
    async transmit(entry) {
      if (isOpening(socket.state())) await settled();
      if (isClosed(socket.state())) return { kind: "again", code: null, afterMs: null };
      return (await bySocket(entry)) ?? byHttp(entry);
    },
    onAck: ({ clientId, seq, sentAt }) => waiting.get(clientId)?.({ kind: "acknowledged", seq, sentAt, message: null }),
    onError(frame) {
      if (frame.ref !== null) waiting.get(frame.ref)?.(outcomeOf(frame));
    },
    onOwnMessage(message) {
      const { clientId, seq, sentAt } = message;
      waiting.get(clientId)?.({ kind: "acknowledged", seq, sentAt, message: null });
    },
    onSocketState(state) {
      if (!isOpening(state)) for (const go of forOpening) go();
      if (state.kind === "live") return;
      for (const end of waiting.values()) end({ kind: "again", code: null, afterMs: 0 });
    },
  };
}

function isOpening(state: SocketState): boolean {
  return state.kind === "connecting" || state.kind === "authenticating";
}

/** No way leads out: signed out, stopped, or a browser without a network. */
function isClosed(state: SocketState): boolean {
  return state.kind === "stopped" || state.kind === "idle" || (state.kind === "waiting" && state.retryAt === null);
}

/** Signed out is no fault of the text: it waits for the next sign-in. */
const KEEPING: ReadonlySet<ErrorCode> = new Set(["not_signed_in", "session_revoked", "ticket_invalid"]);

function outcomeOf(error: Pick<AppError, "code" | "retryable"> & { retryAfterMs?: number | null }): SendOutcome {
  if (!error.retryable && !KEEPING.has(error.code)) return { kind: "refused", code: error.code };
  return { kind: "again", code: error.code, afterMs: error.retryAfterMs ?? null };
}
