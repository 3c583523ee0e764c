import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { ClientFrame } from "@ashchat/contracts/realtime";
import type { Caller, Outcome } from "@ashchat/core/ports";
import { fail } from "@ashchat/contracts/result";
import type { Connection } from "./connection";
import type { NodeLimits } from "./limits";
import type { Registry } from "./registry";

/**
 * `send`: kept by core, then acknowledged. The sends of one connection reach the room's writer in the order in which they
 * came, because each takes the same steps up to there and the audience of a subscribed room is in memory; the writer keeps
 * the order. At most `sendsInFlightMax` of a connection are not stored yet; what is beyond is refused, never queued.
 */
export interface SendsDeps {
  readonly registry: Registry<Connection>;
  readonly limits: NodeLimits;
  readonly newCorrelationId: () => string;
  sendMessage(
    caller: Caller,
    input: Omit<SendFrame, "t">,
  ): Outcome<{ message: Pick<StoredMessage, "seq" | "sentAt">; repeated: boolean }>;
  onRefused(error: { roomId: RoomId; userId: UserId; correlationId: string; code: string; cause?: unknown }): void;
}

type SendFrame = Extract<ClientFrame, { t: "send" }>;

export interface Sends {
  handle(connection: Connection, userId: UserId, frame: SendFrame): void;
  /** Resolves when none is in flight. */
  settled(): Promise<void>;
}

export function createSends(deps: SendsDeps): Sends {
  const running = new Set<Promise<void>>();

  async function send(connection: Connection, userId: UserId, frame: SendFrame): Promise<void> {
    const { roomId, clientId, text } = frame;
    const correlationId = deps.newCorrelationId();
    const sent = await deps
      .sendMessage({ userId, correlationId }, { roomId, clientId, text })
      .catch((error: unknown) => fail(appError("internal", "sending failed", { cause: error })));
    if (sent.ok) {
      const { seq, sentAt } = sent.value.message;
      connection.send({ t: "ack", roomId, clientId, seq, sentAt });
      return;
    }
    connection.refuse(sent.error, { ref: clientId, roomId });
    deps.onRefused({ roomId, userId, correlationId, code: sent.error.code, cause: sent.error.cause });
  }

  return {
    handle(connection, userId, frame) {
      const { roomId, clientId } = frame;
      if (deps.registry.subscription(connection, roomId) === undefined) {
        connection.refuse(appError("not_found", "not a member of this room"), { ref: clientId, roomId });
        return;
      }
      if (connection.sendsInFlight >= deps.limits.sendsInFlightMax) {
        connection.refuse(appError("overloaded", "too many sends in flight"), { ref: clientId, roomId });
        return;
      }
      connection.sendsInFlight += 1;
      const task = send(connection, userId, frame).finally(() => {
        connection.sendsInFlight -= 1;
        running.delete(task);
      });
      running.add(task);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
