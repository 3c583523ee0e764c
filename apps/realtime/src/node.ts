import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { RoomId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import { mark } from "@ashchat/core/conversation/mark";
import { resumeRoom } from "@ashchat/core/conversation/resume";
import { createSendAdmission, type SendAdmission } from "@ashchat/core/conversation/send-admission";
import { sendMessage, type SendMessageDeps } from "@ashchat/core/conversation/send-message";
import type { MembershipStore, MessageStore, ProfileStore, RoomStore, SessionStore } from "@ashchat/core/ports";
import type { Logger } from "@ashchat/runtime/logger";
import type { WebSocket } from "ws";
import { createAudienceLoader } from "./audience-loader";
import { createAudit } from "./audit";
import { authenticate, type AuthenticateDeps } from "./authenticate";
import type { OnError } from "./background";
import { createChangedProfiles, type ChangedProfiles } from "./changed-profiles";
import { Connections } from "./connections";
import type { Connection } from "./connection";
import { fanChange, fanFrame, fanJump, fanMessage } from "./fanout";
import { createGate } from "./gate";
import { createHub, type Hub } from "./hub";
import { handleIncoming, type IncomingDeps } from "./incoming";
import type { NodeLimits } from "./limits";
import { createMembers, type Members } from "./members";
import type { NodeMetrics } from "./metrics";
import type { LiveBus, PresenceStore, Tickets } from "./ports";
import { createPresence, type PresenceKeeper } from "./presence";
import { createReceiptFanout, type ReceiptFanout } from "./receipt-fanout";
import { createReceipts } from "./receipts";
import { Registry } from "./registry";
import { requestResume, type ResumeDeps } from "./resume";
import { createRevocationPoll } from "./revocation";
import { createRingLoads } from "./ring-loads";
import { createRoomLog } from "./room-log";
import { Rooms } from "./rooms";
import { createSends, type Sends } from "./sends";
import { createTypingThrottle } from "./typing";

/**
 * One realtime node: its parts, connected. It holds no truth: what it knows of rooms and people can be read again, and any
 * number of nodes may run side by side.
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
  readonly onError: OnError;
  readonly now: () => number;
  readonly random: () => number;
}

export interface RealtimeNode {
  accept(ws: WebSocket, socket: Duplex, address: string): void;
  /** Lets the sends in flight finish, asks the clients to come back, closes their sockets. */
  close(): Promise<void>;
}

/** Who is here, what they read, and where announcements meet them. */
interface Core {
  readonly registry: Registry<Connection>;
  readonly rooms: Rooms;
  readonly members: Members;
  readonly hub: Hub;
  readonly changedProfiles: ChangedProfiles;
  readonly receiptFanout: ReceiptFanout;
}

/** How often deadlines, beats and polls are looked at. */
const TICK_MS = 250;
const SLOW_TICK_MS = 5_000;
/** People who are being signed in at once; the others wait in order. */
const SIGN_INS_MAX = 64;

export function startNode(deps: NodeDeps): RealtimeNode {
  const core = createCore(deps);
  const presence = createPresenceOf(deps, core);
  const receipts = createReceiptsOf(deps, core);
  const admission = createSendAdmission({ ...deps, now: () => performance.now(), afterTurn: setImmediate });
  const sends = createSendsOf(deps, core, admission);
  const typing = createTypingThrottle({ typingIntervalMs: deps.limits.typingIntervalMs, now: deps.now });
  const connections = new Connections({ ...deps, ...core, presence, tickMs: TICK_MS });
  const incoming: IncomingDeps = {
    ...deps,
    ...core,
    sends,
    receipts,
    typing,
    announceTyping: (roomId, userId) => core.hub.announcer.announce({ kind: "typing", roomId, userId }),
    authenticate: signInOf(deps, core, { presence, connections }),
    resume: resumeOf(deps, core),
    onFrame: deps.metrics.frameReceived,
  };
  const watch = startWatch(deps, core, { connections, presence });
  const ticker = setInterval(() => {
    connections.checkDeadlines();
    receipts.tick();
    presence.tick();
    watch.tick();
    deps.metrics.flush();
  }, TICK_MS);
  const slowTicker = setInterval(() => {
    typing.tick();
    core.rooms.closeIdle();
    deps.metrics.observe({ ...connections.state(), rooms: core.rooms.size, sendWindow: admission.windowSize() });
  }, SLOW_TICK_MS);

  return {
    accept: (ws, socket, address) =>
      connections.accept(ws, { socket, address }, (connection, data) => handleIncoming(incoming, connection, data)),
    async close() {
      clearInterval(ticker);
      clearInterval(slowTicker);
      await sends.drain();
      core.receiptFanout.close();
      // Before the rest: a slow database must not keep the clients from hearing where they stand.
      connections.sendAway(() => reconnectAfterMs(deps));
      await Promise.all([receipts.flush(), presence.close()]);
      core.rooms.closeAll();
    },
  };
}

/** Spread out, so that the clients of a node that ends do not come to the next one at once. */
function reconnectAfterMs({ limits, random }: NodeDeps): number {
  const spreadMs = limits.reconnectDelayMaxMs / 10;
  return Math.round(limits.reconnectDelayMinMs + random() * spreadMs);
}

function createCore(deps: NodeDeps): Core {
  const { stores, limits, now, onError } = deps;
  const registry = new Registry<Connection>();
  const rooms = createRoomsOf(deps, { registry, membersOf: () => members });
  const changedProfiles = createChangedProfiles({ ...deps, profiles: stores.profiles });
  const members: Members = createMembers({
    changedProfiles,
    registry,
    rooms,
    limits,
    memberships: stores.memberships,
    onError,
  });
  const receiptFanout = createReceiptFanout({
    limits,
    later,
    hasReaders: (roomId) => registry.readersOf(roomId) !== undefined,
    fan: (roomId, marks) => fanFrame(registry.readersOf(roomId), { t: "receipts", roomId, marks }),
  });
  return {
    registry,
    rooms,
    members,
    changedProfiles,
    receiptFanout,
    hub: createHub({
      ...{ registry, rooms, members, changedProfiles, receiptFanout, limits, now, onError },
      memberships: stores.memberships,
      bus: deps.bus,
    }),
  };
}

function later(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
}

function createRoomsOf(deps: NodeDeps, parts: { registry: Registry<Connection>; membersOf: () => Members }): Rooms {
  const { stores, limits, now, metrics } = deps;
  const { registry } = parts;
  return new Rooms({
    limits,
    now,
    onError: deps.onError,
    loader: createAudienceLoader(stores, deps.onError),
    log: createRoomLog({
      limits,
      messages: stores.messages,
      gate: createGate(limits.gapReadsInFlightMax),
      onGapRead: metrics.gapRead,
    }),
    rooms: stores.rooms,
    live: deps.bus,
    hasReaders: (roomId) => registry.readersOf(roomId) !== undefined,
    later,
    events: {
      message({ roomId }, message) {
        metrics.fannedOut("message", fanMessage(registry.readersOf(roomId), message), now() - message.sentAt);
      },
      change({ roomId, relevance }, logged) {
        metrics.fannedOut("change", fanChange(registry.readersOf(roomId), relevance, logged), now() - logged.change.at);
      },
      jump: ({ roomId }) => fanJump(registry.readersOf(roomId), roomId),
      audience: (room, previous) => parts.membersOf().audienceRead(room, previous),
    },
  });
}

function createPresenceOf(
  { presence: store, limits, now, onError }: NodeDeps,
  { registry, rooms, hub }: Core,
): PresenceKeeper {
  return createPresence({
    store,
    limits,
    now,
    onError,
    announcer: hub.announcer,
    localUsers: () => registry.users(),
    isLocal: (userId) => registry.ofUser(userId) !== undefined,
    isShown: (userId) => rooms.ofMember(userId) !== undefined,
    show: (presence) => hub.deliver({ kind: "presence", presence }),
  });
}

function createReceiptsOf({ stores, limits, now, newCorrelationId, onError }: NodeDeps, { rooms, hub }: Core) {
  const headOf = (roomId: RoomId) => rooms.get(roomId)?.feed.head ?? null;
  // A mark is of a room that is followed here: what has been fanned out is its head, and nothing of it is read.
  const messages = { headOf: async (roomId: RoomId) => ok(headOf(roomId) ?? 0) };
  const markDeps = { memberships: stores.memberships, messages, announcer: hub.announcer };
  return createReceipts({
    headOf,
    mark: (userId, roomId, marks) =>
      mark(markDeps, { userId, correlationId: newCorrelationId() }, { roomId, ...marks }),
    receiptIntervalMs: limits.receiptIntervalMs,
    now,
    onError,
  });
}

function createSendsOf(deps: NodeDeps, core: Core, admission: SendAdmission): Sends {
  const { sending, limits, metrics, log, now, newCorrelationId, onError } = deps;
  const { registry, rooms, members, hub } = core;
  const sendDeps: SendMessageDeps = { ...sending, audience: rooms.audience, announcer: hub.announcer, clock: { now } };
  return createSends({
    registry,
    limits,
    newCorrelationId,
    onError,
    sync: members.sync,
    sendMessage: (caller, input) => admission.run(input.roomId, () => sendMessage(sendDeps, caller, input)),
    onRefused: (refusal) => {
      metrics.sendRefused(refusal.code);
      // Overload is counted: a line for each would be one more thing that overload makes without bound.
      if (refusal.code !== "overloaded") log.warn(refusal, "send refused");
    },
  });
}

function signInOf(
  deps: NodeDeps,
  { registry, rooms, members, changedProfiles }: Core,
  { presence, connections }: { presence: PresenceKeeper; connections: Connections },
): IncomingDeps["authenticate"] {
  const { stores, tickets, limits, now, onError } = deps;
  const signIn: AuthenticateDeps = {
    registry,
    rooms,
    members,
    changedProfiles,
    tickets,
    limits,
    now,
    onError,
    sessions: stores.sessions,
    memberships: stores.memberships,
    gate: createGate(SIGN_INS_MAX),
    presenceOf: presence.of,
    onSignedIn: (connection, userId) => connections.shareBucket(connection, userId),
    onReady: presence.arrived,
  };
  return (connection, ticket) => {
    authenticate(signIn, connection, ticket).catch((error: unknown) => {
      onError(error, "signing a connection in");
      connection.close("overloaded");
    });
  };
}

function resumeOf(
  { stores, limits, metrics, random, onError }: NodeDeps,
  { registry, rooms }: Core,
): IncomingDeps["resume"] {
  const gate = createGate(limits.resumesInFlightMax);
  const ringLoads = createRingLoads({ messages: stores.messages, gate, onError, onLoad: metrics.ringLoaded });
  const deps: ResumeDeps = {
    registry,
    rooms,
    limits,
    random,
    onError,
    gate,
    reachBack: ringLoads.reachBack,
    readResume: (input) => resumeRoom(stores, input),
    sleep: (delayMs) => sleep(delayMs),
    onResume: metrics.resumed,
  };
  return (connection, cursors) => requestResume(deps, connection, cursors);
}

/** Listens to the bus, and looks after what the bus loses. */
function startWatch(
  deps: NodeDeps,
  { rooms, hub }: Core,
  { connections, presence }: { connections: Connections; presence: PresenceKeeper },
): { tick(): void } {
  const { stores, bus, limits, now, log, onError } = deps;
  const revocation = createRevocationPoll({
    sessions: stores.sessions,
    memberships: stores.memberships,
    now,
    cutSession: hub.cutSession,
    removeMember: hub.removeMember,
    onError,
    pollMs: limits.revocationPollMs,
    auditMs: limits.revocationAuditMs,
  });
  const audit = createAudit({
    limits,
    now,
    messages: stores.messages,
    announcer: hub.announcer,
    rooms: () => rooms.all(),
    onError,
  });
  bus.onAnnouncement((announcement) => {
    if (announcement.kind === "presence") presence.heard(announcement.presence);
    hub.deliver(announcement);
  });
  let brokenAt = now();
  bus.onBroken(() => {
    brokenAt = now();
    log.warn("redis is down: asking the database instead");
    revocation.broken();
    audit.broken();
  });
  bus.onRestored(() => {
    log.info("redis is back: looking for what was missed");
    revocation.restored();
    audit.restored();
    hub.readAgain(connections.all(), brokenAt);
  });
  return {
    tick() {
      revocation.tick();
      audit.tick();
    },
  };
}
