import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { UserId } from "@ashchat/contracts/ids";
import { mark } from "@ashchat/core/conversation/mark";
import { resumeRoom } from "@ashchat/core/conversation/resume";
import { sendMessage, type SendMessageDeps } from "@ashchat/core/conversation/send-message";
import type { MembershipStore, MessageStore, ProfileStore, RoomStore, SessionStore } from "@ashchat/core/ports";
import type { Logger } from "@ashchat/runtime/logger";
import type { WebSocket } from "ws";
import { createAudienceLoader } from "./audience-loader";
import { createAudit } from "./audit";
import { authenticate } from "./authenticate";
import { Connection, type CloseReason } from "./connection";
import { fanChange, fanMessage } from "./fanout";
import { createGate } from "./gate";
import { createHub } from "./hub";
import { handleIncoming, type IncomingDeps } from "./incoming";
import type { NodeLimits } from "./limits";
import { createMembers, type Members } from "./members";
import type { NodeMetrics } from "./metrics";
import { Flusher } from "./outbox";
import type { LiveBus, PresenceStore, Tickets } from "./ports";
import { createPresence } from "./presence";
import { createReceipts } from "./receipts";
import { Registry } from "./registry";
import { requestResume } from "./resume";
import { createRevocationPoll } from "./revocation";
import { createRooms, type Rooms } from "./rooms";
import { createSends } from "./sends";
import { newBucket } from "./token-bucket";
import { createTypingThrottle } from "./typing";

/**
 * One realtime node: every part of it, connected. It holds no truth: what it knows of rooms and people can be read again,
 * and any number of nodes may run side by side.
 */
export interface NodeDeps {
  readonly stores: {
    readonly sessions: SessionStore;
    readonly profiles: ProfileStore;
    readonly rooms: RoomStore;
    readonly memberships: MembershipStore;
    readonly messages: MessageStore;
  };
  readonly bus: LiveBus;
  readonly tickets: Tickets;
  readonly presence: PresenceStore;
  /** What `sendMessage` needs besides this node's own audience and announcer. */
  readonly sending: Omit<SendMessageDeps, "audience" | "announcer" | "clock">;
  readonly newCorrelationId: () => string;
  readonly limits: NodeLimits;
  readonly metrics: NodeMetrics;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

export interface RealtimeNode {
  accept(ws: WebSocket, socket: Duplex, address: string): void;
  /** Lets the sends in flight finish, asks the clients to come back, closes their sockets. */
  close(): Promise<void>;
}

/** How often deadlines, beats and polls are looked at. */
const TICK_MS = 250;
const SLOW_TICK_MS = 5_000;
const GATES = { auth: 64 };

export function startNode(deps: NodeDeps): RealtimeNode {
  const { stores, limits, now, metrics, log } = deps;
  const registry = new Registry<Connection>();
  const connections = new Set<Connection>();
  const flusher = new Flusher();
  const onError = (error: unknown, what: string): void => log.warn({ err: error }, what);

  const rooms = startRooms(deps, { registry, membersOf: () => members });
  const members: Members = createMembers({ registry, rooms, memberships: stores.memberships, limits, onError });
  const hub = createHub({ ...deps, registry, rooms, members });
  const { announcer } = hub;
  const presence = createPresence({
    store: deps.presence,
    announcer,
    localUsers: () => registry.users(),
    isLocal: (userId) => registry.ofUser(userId) !== undefined,
    isShown: (userId) => rooms.ofMember(userId) !== undefined,
    show: (state) => hub.deliver({ kind: "presence", presence: state }),
    limits,
    now,
  });
  const revocation = createRevocationPoll({
    ...stores,
    cutSession: hub.cutSession,
    removeMember: hub.removeMember,
    onError: (error) => onError(error, "asking what was revoked"),
    pollMs: limits.revocationPollMs,
    auditMs: limits.revocationAuditMs,
    now,
  });
  const audit = createAudit({
    rooms: rooms.all,
    messages: stores.messages,
    announcer,
    limits,
    onError: (error) => onError(error, "reading heads"),
    now,
  });
  const receipts = createReceipts({
    headOf: (roomId) => rooms.get(roomId)?.feed.head ?? null,
    mark: (userId, roomId, marks) =>
      mark({ ...stores, announcer }, { userId, correlationId: deps.newCorrelationId() }, { roomId, ...marks }),
    receiptIntervalMs: limits.receiptIntervalMs,
    now,
  });
  const sends = createSends({
    registry,
    limits,
    newCorrelationId: deps.newCorrelationId,
    sendMessage: (caller, input) =>
      sendMessage({ ...deps.sending, audience: rooms.audience, announcer, clock: { now } }, caller, input),
    onRefused: (refusal) => {
      metrics.sendRefused(refusal.code);
      log.warn(refusal, "send refused");
    },
  });
  const typing = createTypingThrottle({ typingIntervalMs: limits.typingIntervalMs, now });
  const resumeGate = createGate(limits.resumesInFlightMax);
  const authGate = createGate(GATES.auth);

  const incoming: IncomingDeps = {
    registry,
    limits,
    now,
    sends,
    receipts,
    typing,
    announceTyping: (roomId, userId) => announcer.announce({ kind: "typing", roomId, userId }),
    authenticate: (connection, ticket) =>
      void authenticate(
        {
          ...{ registry, rooms, members, limits, now, gate: authGate },
          tickets: deps.tickets,
          sessions: stores.sessions,
          memberships: stores.memberships,
          presenceOf: presence.of,
          onSignedIn,
          onReady: (userId) => {
            if (registry.ofUser(userId)?.size === 1) presence.arrived(userId);
          },
          onError,
        },
        connection,
        ticket,
      ).catch((error: unknown) => {
        onError(error, "signing a connection in");
        connection.close("overloaded");
      }),
    resume: (connection, cursors) =>
      requestResume(
        {
          ...{ registry, rooms, limits, gate: resumeGate },
          readResume: (input) => resumeRoom(stores, input),
          sleep: (delayMs) => sleep(delayMs),
          random: deps.random,
          onResume: metrics.resumed,
        },
        connection,
        cursors,
      ),
    onFrame: metrics.frameReceived,
  };

  /** The bucket is the person's: more connections do not make more frames. */
  function onSignedIn(connection: Connection, userId: UserId): void {
    const [other] = registry.ofUser(userId) ?? [];
    const size = { burst: limits.framesBurst, perSecond: limits.framesPerSecond };
    connection.bucket = other?.bucket ?? newBucket(size, now());
  }

  function onClosed(connection: Connection, reason: CloseReason | "gone"): void {
    connections.delete(connection);
    metrics.connectionClosed(reason);
    for (const roomId of registry.remove(connection)) {
      const room = rooms.get(roomId);
      if (room !== undefined) rooms.noteReaders(room);
    }
    const userId = connection.signedIn?.userId;
    if (userId !== undefined && registry.ofUser(userId) === undefined) presence.left(userId);
  }

  function checkDeadlines(): void {
    const time = now();
    for (const connection of connections) {
      const { phase, signedIn } = connection;
      if (phase === "waiting" && time - connection.openedAt >= limits.authDeadlineMs - TICK_MS) {
        connection.close("ticketRefused");
      } else if (time - connection.heardAt >= limits.heartbeatDeadlineMs) {
        connection.close("silent");
      } else if (signedIn !== null && signedIn.expiresAt <= time) {
        connection.close("signedOut");
      }
    }
  }

  function observe(): void {
    let queueBytes = 0;
    for (const connection of connections) queueBytes += connection.queueBytes;
    metrics.observe({ connections: connections.size, rooms: [...rooms.all()].length, queueBytes });
  }

  const ticker = setInterval(() => {
    checkDeadlines();
    receipts.tick();
    presence.tick();
    revocation.tick();
    audit.tick();
  }, TICK_MS);
  const slowTicker = setInterval(() => {
    typing.tick();
    rooms.closeIdle();
    observe();
  }, SLOW_TICK_MS);

  deps.bus.onAnnouncement(hub.deliver);
  deps.bus.onBroken(() => {
    log.warn("redis is down: asking the database instead");
    revocation.broken();
    audit.broken();
  });
  deps.bus.onRestored(() => {
    log.info("redis is back: looking for what was missed");
    revocation.restored();
    audit.restored();
    hub.readAgain(connections);
  });

  return {
    accept(ws, socket, address) {
      const connection = new Connection({ ws, socket, flusher, address, limits, now: now(), onClosed });
      connections.add(connection);
      ws.on("message", (data: Buffer, isBinary: boolean) =>
        handleIncoming(incoming, connection, isBinary ? { binary: true } : { data: data.toString() }),
      );
      // `ws` closes with its own code (1002, 1007, 1009) after an error of the protocol.
      ws.on("error", (error) => log.debug({ err: error }, "socket error"));
      ws.on("close", () => connection.gone());
    },
    async close() {
      clearInterval(ticker);
      clearInterval(slowTicker);
      await sends.settled();
      await receipts.flush();
      for (const connection of connections) {
        if (connection.phase === "ready") connection.send({ t: "reconnect", afterMs: reconnectAfterMs(deps) });
      }
      for (const connection of connections) connection.close("goingAway");
      await presence.close();
      rooms.closeAll();
    },
  };
}

/** Spread out, so that the clients of a node that ends do not come to the next one at once. */
function reconnectAfterMs({ limits, random }: NodeDeps): number {
  const spreadMs = limits.reconnectDelayMaxMs / 10;
  return Math.round(limits.reconnectDelayMinMs + random() * spreadMs);
}

function startRooms(deps: NodeDeps, parts: { registry: Registry<Connection>; membersOf: () => Members }): Rooms {
  const { stores, limits, now, metrics } = deps;
  const { registry } = parts;
  return createRooms({
    loader: createAudienceLoader(stores),
    stores,
    live: deps.bus,
    hasReaders: (roomId) => registry.readersOf(roomId) !== undefined,
    gapGate: createGate(limits.gapReadsInFlightMax),
    limits,
    now,
    later: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    events: {
      message(room, message) {
        const sockets = fanMessage(registry.readersOf(room.roomId), message);
        metrics.fannedOut("message", sockets, now() - message.sentAt);
      },
      change(room, logged) {
        const sockets = fanChange(registry.readersOf(room.roomId), room.relevance, logged);
        metrics.fannedOut("change", sockets, now() - logged.change.at);
      },
      jump(room) {
        for (const subscriptions of registry.readersOf(room.roomId)?.byLanguage.values() ?? []) {
          for (const { connection } of subscriptions) connection.send({ t: "resync", roomId: room.roomId });
        }
      },
      audience: (room, previous) => parts.membersOf().audienceRead(room, previous),
      gapRead: metrics.gapRead,
    },
  });
}
