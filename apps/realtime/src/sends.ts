import { appError, type AppError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { ClientFrame } from "@ashchat/contracts/realtime";
import type { Caller, Outcome } from "@ashchat/core/ports";
import { inBackground, type OnError } from "./background";
import type { Connection } from "./connection";
import type { NodeLimits } from "./limits";
import type { Registry } from "./registry";

/**
 * `send`: kept by core, then acknowledged. The sends of one connection reach the room's writer in the order in which they
 * came, because each takes the same steps up to there and the audience of a subscribed room is in memory; the writer keeps
 * the order. A room that the connection is not subscribed to may be a new one of whose members this node has not heard: before
 * it is refused for good, the database is asked, once for all sends of the connection, which wait for it. At most `sendsInFlightMax` of a connection are not stored yet; what is beyond is refused, never queued.
 */
export interface SendsDeps {
  readonly registry: Registry<Connection>;
  readonly limits: NodeLimits;
  readonly newCorrelationId: () => string;
  /** Reads again which rooms the connection's person is in; false where that failed. */
  sync(connection: Connection): Promise<boolean>;
  sendMessage(
    caller: Caller,
    input: Omit<SendFrame, "t">,
  ): Outcome<{ message: Pick<StoredMessage, "seq" | "sentAt">; repeated: boolean }>;
  readonly onError: OnError;
  onRefused(error: { roomId: RoomId; userId: UserId; correlationId: string; code: string; cause?: unknown }): void;
}

type SendFrame = Extract<ClientFrame, { t: "send" }>;

export interface Sends {
  handle(connection: Connection, userId: UserId, frame: SendFrame): void;
  /** Takes no more: what comes is refused as `unavailable`, to be sent again elsewhere. Resolves when none is in flight. */
  drain(): Promise<void>;
}

export function createSends(deps: SendsDeps): Sends {
  let inFlight = 0;
  let isDraining = false;
  const waiting: (() => void)[] = [];
  const syncs = new Map<Connection, Promise<boolean>>();

  const isSubscribed = (connection: Connection, roomId: RoomId) =>
    deps.registry.subscription(connection, roomId) !== undefined;

  /** While a sync is under way every send of the connection waits for it, so that none overtakes. */
  function lookForRoom(connection: Connection, roomId: RoomId): Promise<boolean> | null {
    const running = syncs.get(connection);
    if (running !== undefined || isSubscribed(connection, roomId)) return running ?? null;
    const sync = deps.sync(connection).finally(() => syncs.delete(connection));
    syncs.set(connection, sync);
    return sync;
  }

  async function send(connection: Connection, userId: UserId, frame: SendFrame): Promise<void> {
    const { roomId, clientId, text } = frame;
    const correlationId = deps.newCorrelationId();
    try {
      const sync = lookForRoom(connection, roomId);
      const isLookedFor = sync === null || (await sync);
      if (!isSubscribed(connection, roomId)) return refuseStranger(connection, frame, isLookedFor);
      const sent = await deps.sendMessage({ userId, correlationId }, { roomId, clientId, text });
      if (sent.ok) {
        const { seq, sentAt } = sent.value.message;
        connection.send({ t: "ack", roomId, clientId, seq, sentAt });
      } else {
        refuse(connection, sent.error, { frame, userId, correlationId });
      }
    } catch (error) {
      refuse(connection, appError("internal", "sending failed", { cause: error }), { frame, userId, correlationId });
    } finally {
      connection.sendsInFlight -= 1;
      inFlight -= 1;
      if (inFlight === 0) waiting.splice(0).forEach((settled) => settled());
    }
  }

  /** Not logged: strangers could fill the log, and a read that failed has its line. */
  function refuseStranger(connection: Connection, { roomId, clientId }: SendFrame, isLookedFor: boolean): void {
    const error = isLookedFor
      ? appError("not_found", "not a member of this room")
      : appError("unavailable", "the members could not be read");
    connection.refuse(error, { ref: clientId, roomId });
  }

  function refuse(
    connection: Connection,
    error: AppError,
    { frame, userId, correlationId }: { frame: SendFrame; userId: UserId; correlationId: string },
  ): void {
    const { roomId, clientId } = frame;
    connection.refuse(error, { ref: clientId, roomId });
    deps.onRefused({ roomId, userId, correlationId, code: error.code, cause: error.cause });
  }

  return {
    handle(connection, userId, frame) {
      const { roomId, clientId } = frame;
      if (isDraining) {
        const error = appError("unavailable", "the node is ending", { retryAfterMs: deps.limits.reconnectDelayMinMs });
        connection.refuse(error, { ref: clientId, roomId });
        return;
      }
      if (connection.sendsInFlight >= deps.limits.sendsInFlightMax) {
        const retryAfterMs = deps.limits.overloadedRetryMinMs;
        const error = appError("overloaded", "too many sends in flight", { retryAfterMs });
        connection.refuse(error, { ref: clientId, roomId });
        return;
      }
      connection.sendsInFlight += 1;
      inFlight += 1;
      inBackground(send(connection, userId, frame), "sending", deps.onError);
    },
    async drain() {
      isDraining = true;
      if (inFlight > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
