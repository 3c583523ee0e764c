import type { Duplex } from "node:stream";
import type { UserId } from "@ashchat/contracts/ids";
import type { Logger } from "@ashchat/runtime/logger";
import type { WebSocket } from "ws";
import { Connection, type CloseReason } from "./connection";
import type { NodeLimits } from "./limits";
import type { NodeMetrics } from "./metrics";
import { Flusher } from "./outbox";
import type { PresenceKeeper } from "./presence";
import type { Registry } from "./registry";
import type { Rooms } from "./rooms";
import { newBucket } from "./token-bucket";

/** Every socket of this node, from its upgrade to its end: deadlines, and what its end means to the others. */
export interface ConnectionsDeps {
  readonly registry: Registry<Connection>;
  readonly rooms: Rooms;
  readonly presence: Pick<PresenceKeeper, "left">;
  readonly limits: NodeLimits;
  readonly metrics: NodeMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** How often `checkDeadlines` is called. */
  readonly tickMs: number;
}

export type IncomingData = { data: string } | { binary: true };

export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #flusher = new Flusher();
  readonly #all = new Set<Connection>();

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
  }

  accept(
    ws: WebSocket,
    from: { socket: Duplex; address: string },
    onData: (connection: Connection, data: IncomingData) => void,
  ): void {
    const { limits, log, now } = this.#deps;
    const onClosed = (closed: Connection, reason: CloseReason | "gone"): void => this.#closed(closed, reason);
    const connection = new Connection({ ws, ...from, flusher: this.#flusher, limits, now: now(), onClosed });
    this.#all.add(connection);
    ws.on("message", (data: Buffer, isBinary: boolean) =>
      onData(connection, isBinary ? { binary: true } : { data: data.toString() }),
    );
    // `ws` closes with its own code (1002, 1007, 1009) after an error of the protocol.
    ws.on("error", (error) => log.debug({ err: error }, "socket error"));
    ws.on("close", () => connection.gone());
  }

  all(): Iterable<Connection> {
    return this.#all;
  }

  state(): { connections: number; queueBytes: number } {
    let queueBytes = 0;
    for (const connection of this.#all) queueBytes += connection.queueBytes;
    return { connections: this.#all.size, queueBytes };
  }

  /** The bucket is the person's: more connections do not make more frames. Called before the connection is registered. */
  shareBucket(connection: Connection, userId: UserId): void {
    const { registry, limits, now } = this.#deps;
    const [other] = registry.ofUser(userId) ?? [];
    const size = { burst: limits.framesBurst, perSecond: limits.framesPerSecond };
    connection.bucket = other?.bucket ?? newBucket(size, now());
  }

  checkDeadlines(): void {
    const { limits, now, tickMs } = this.#deps;
    const time = now();
    for (const connection of this.#all) {
      const { phase, signedIn } = connection;
      // Rather a tick too early than too late.
      if (phase === "waiting" && time - connection.openedAt >= limits.authDeadlineMs - tickMs) {
        connection.close("ticketRefused");
      } else if (time - connection.heardAt >= limits.heartbeatDeadlineMs) {
        connection.close("silent");
      } else if (signedIn !== null && signedIn.expiresAt <= time) {
        connection.close("signedOut");
      }
    }
  }

  /** Asks every client to come back, each at its own time, and closes. */
  sendAway(afterMs: () => number): void {
    for (const connection of this.#all) {
      if (connection.phase === "ready") connection.send({ t: "reconnect", afterMs: afterMs() });
      connection.close("goingAway");
    }
  }

  #closed(connection: Connection, reason: CloseReason | "gone"): void {
    const { registry, rooms, presence, metrics } = this.#deps;
    this.#all.delete(connection);
    metrics.connectionClosed(reason);
    for (const roomId of registry.remove(connection)) {
      const room = rooms.get(roomId);
      if (room !== undefined) rooms.noteReaders(room);
    }
    const userId = connection.signedIn?.userId;
    if (userId !== undefined && registry.ofUser(userId) === undefined) presence.left(userId);
  }
}
