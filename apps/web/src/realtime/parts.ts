import type { Me } from "@ashchat/contracts/api";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { ReadyFrame, ServerFrame, ServerFrameOf } from "@ashchat/contracts/realtime";
import type { RoomView } from "@ashchat/contracts/room";
import { isRoomFrame } from "@ashchat/core/sync/apply-frame";
import { hearMarks } from "@ashchat/core/sync/marks";
import { messageAt } from "@ashchat/core/sync/message-window";
import type { RoomState } from "@ashchat/core/sync/room-state";
import { deliverableSeq, viewOf } from "@ashchat/core/sync/room-state";
import type { RealtimeApi } from "./api";
import { createConnectionView } from "./connection";
import type { Environment } from "./environment";
import { createMarkSender } from "./mark-sender";
import { createOpenRooms } from "./open-rooms";
import { createOutbox } from "./outbox";
import type { OutboxStore } from "./outbox-store";
import { createPoller } from "./poller";
import { createReceipts } from "./receipts";
import { createRoomStore } from "./room-store";
import { createRoster } from "./roster";
import type { SocketState } from "./socket";
import { createSocket } from "./socket";
import { createStateView } from "./state-view";
import { createTranslationRequests } from "./translations";
import { createTransport } from "./transport";
import { createUnheardMarks } from "./unheard-marks";
import { wantsTranslation } from "./wants-translation";

export interface RealtimeClientOptions {
  readonly api: RealtimeApi;
  readonly me: Me;
  /** Some of the person's rooms as the page brought them; the list is fetched in any case. */
  readonly firstRooms?: readonly RoomView[];
  readonly environment: Environment;
  /** The outbox of this account on this device. */
  openStore(userId: UserId, onDegraded: () => void): OutboxStore;
}

/** Rooms in one `resume` frame: 500 cursors of about 95 bytes are below LIMITS.frameBytesMax. */
const RESUME_ROOMS_MAX = 500;
/** More rooms than this that are not known yet are fetched as the whole list. */
const UNKNOWN_ROOMS_MAX = 5;

/** Makes the parts of the client and connects them: who tells whom what. */
export function createParts({ api, environment, ...options }: RealtimeClientOptions) {
  const { clock, signals } = environment;
  const userId = options.me.profile.userId;

  const socket = createSocket({ environment, ticket: api.ticket, onState, onReady, onFrame });
  const transport = createTransport({ socket, api, clock });
  const rooms = createRoomStore({
    me: userId,
    api,
    clock,
    resume,
    onChange: onRoom,
    onPresence: (presence) => people.takePresence(presence),
  });
  rooms.seed(options.firstRooms ?? []);
  const openRooms = createOpenRooms({ api, clock, rooms, onChange: () => view.changed() });
  const outbox = createOutbox({
    name: userId,
    environment,
    transmit: transport.transmit,
    openStore: (onDegraded) => options.openStore(userId, onDegraded),
    onChange: () => view.changed(),
    onAcknowledged({ seq, sentAt, message }, { roomId, clientId }) {
      if (message !== null) rooms.hear({ t: "message", roomId, message });
      rooms.hear({ t: "ack", roomId, clientId, seq, sentAt });
    },
  });
  const markSender = createMarkSender({
    socket,
    api,
    isReached: () => connection.get().status === "polling",
    onConfirmed: (roomId, marks) => receipts.confirm(roomId, marks),
  });
  const receipts = createReceipts({ clock, tell: markSender.send });
  const unheardMarks = createUnheardMarks({ clock, rooms, isOpen: (roomId) => openRooms.get(roomId) !== null });
  const translations = createTranslationRequests({ api, clock, onMessages: rooms.hearMessages });
  const connection = createConnectionView({ clock, signals, onChange: () => view.changed() });
  const poller = createPoller({ api, clock, rooms, onResult: onPoll, onSignedOut: () => socket.endSession() });
  const people = createRoster({
    me: options.me,
    api,
    clock,
    rooms,
    onChange: () => view.changed(),
    onList,
    onLanguage,
  });
  const view = createStateView({
    me: people.me,
    connection: connection.get,
    roomsStatus: people.roomsStatus,
    presence: people.presence,
    states: rooms.states,
    outbox,
    openRooms,
  });
  const typedAt = new Map<RoomId, number>();
  const readWhenVisible = new Map<RoomId, number>();
  /** The last begin of a server that is tried already, in the servers' time. */
  let triedFor = 0;
  let stopSignals = () => {};

  // ── what the connection says ─────────────────────────────────────────────────────────────────────────────────────

  function onState(state: SocketState): void {
    if (state.kind !== "live") {
      rooms.disconnect();
      people.disconnected();
    }
    if (state.kind === "waiting" && state.retryAt !== null) poller.start();
    else if (state.kind !== "connecting" && state.kind !== "authenticating") poller.stop();
    transport.onSocketState(state);
    connection.onSocket(state);
  }

  function onReady(ready: ReadyFrame): void {
    triedFor = Math.max(triedFor, ready.serverTime);
    people.hearPresence(ready.presence);
    for (const room of ready.rooms) receipts.confirm(room.roomId, room);
    const unknown = rooms.takeReady(ready);
    if (unknown.length > UNKNOWN_ROOMS_MAX || people.roomsStatus() === "failed") void people.refreshRooms();
    else if (people.roomsStatus() === "ready") for (const roomId of unknown) void rooms.refetch(roomId);
    receipts.retell();
    outbox.wake();
    openRooms.retryFirstPages();
    people.connected(ready);
    unheardMarks.connected();
  }

  function onFrame(frame: ServerFrame): void {
    if (frame.t === "profile") return people.hearProfile(frame.profile);
    if (frame.t === "presence") return people.hearPresence([frame.presence]);
    if (frame.t === "error") return onError(frame);
    if (!isRoomFrame(frame)) return;
    // Before the room hears it, which would have it told again.
    if (frame.t === "receipts") confirmOwn(frame);
    rooms.hear(frame);
    if (frame.t === "ack") transport.onAck(frame);
    if (frame.t === "message") settleOwn([frame.message]);
    if (frame.t === "page") settleOwn(frame.messages);
  }

  function confirmOwn({ roomId, marks }: ServerFrameOf<"receipts">): void {
    for (const mark of marks) if (mark.userId === userId) receipts.confirm(roomId, mark);
  }

  function onError(frame: ServerFrameOf<"error">): void {
    transport.onError(frame);
    // Asked about a room that is not one's own any more.
    const isGone = frame.code === "not_found" && frame.ref === null;
    if (isGone && frame.roomId !== null) void rooms.refetch(frame.roomId);
  }

  function onPoll(isReached: boolean, realtimeSince: number | null): void {
    connection.onPoll(isReached);
    if (!isReached) return;
    if (realtimeSince !== null) tryOnceFor(realtimeSince);
    markSender.afterPoll(receipts.retell);
    openRooms.retryFirstPages();
    if (people.roomsStatus() === "failed") void people.refreshRooms();
  }

  /**
   * A server has begun since the connection was lost: not waiting out the backoff is worth one try. Only one, because whoever cannot
   * reach it would try with every poll. The polls spread these tries over LIMITS.fallbackPollMs.
   */
  function tryOnceFor(realtimeSince: number): void {
    if (realtimeSince <= triedFor || socket.state().kind !== "waiting") return;
    triedFor = realtimeSince;
    socket.reconnectNow();
  }

  function resume(cursors: ({ roomId: RoomId } & Cursor)[]): void {
    for (let start = 0; start < cursors.length; start += RESUME_ROOMS_MAX) {
      const part = cursors.slice(start, start + RESUME_ROOMS_MAX);
      if (!socket.send({ t: "resume", cursors: part })) return poller.nudge();
    }
  }

  // ── what the rooms say ───────────────────────────────────────────────────────────────────────────────────────────

  function onRoom(roomId: RoomId, state: RoomState | null): void {
    view.changed();
    if (state === null) {
      receipts.forget(roomId);
      return openRooms.onMissing(roomId);
    }
    settleOwn(state.messages.slice(-1));
    outbox.forgetSent(roomId, state.cursor.seq);
    openRooms.onState(state);
    unheardMarks.look(state);
    const deliveredSeq = deliverableSeq(state);
    if (deliveredSeq > state.own.deliveredSeq) receipts.want(roomId, { deliveredSeq });
    // Whoever looks or writes has read: `own` says so by itself, the server has to be told what this device has.
    const { readSeq } = state.own;
    if (readSeq > state.room.readSeq && readSeq <= state.cursor.seq) receipts.want(roomId, { readSeq });
  }

  /** One's own message is here: whatever the outbox knows of it, it was taken. */
  function settleOwn(messages: readonly MessageView[]): void {
    for (const message of messages) {
      if (message.senderId !== userId) continue;
      transport.onOwnMessage(message);
      outbox.settle(message);
      outbox.forgetSent(message.roomId, rooms.states().get(message.roomId)?.cursor.seq ?? 0);
    }
  }

  function onList(): void {
    for (const roomId of openRooms.ids()) if (!rooms.states().has(roomId)) openRooms.onMissing(roomId);
  }

  function onLanguage(): void {
    rooms.clearTranslations();
    translations.reset();
    openRooms.reload();
  }

  // ── what the person does ─────────────────────────────────────────────────────────────────────────────────────────

  function markRead(roomId: RoomId, seq: number): void {
    const state = rooms.states().get(roomId);
    if (state === undefined || openRooms.get(roomId) === null) return;
    if (!signals.isVisible()) return void readWhenVisible.set(roomId, seq);
    const readSeq = Math.min(seq, state.cursor.seq);
    if (readSeq <= state.own.readSeq) return;
    rooms.take({ state: hearMarks(state, userId, { deliveredSeq: 0, readSeq }), effects: [] });
  }

  function onSignal(): void {
    connection.onSignal();
    if (!signals.isVisible()) return markSender.whenLeaving(receipts.flush);
    const seen = [...readWhenVisible];
    readWhenVisible.clear();
    for (const [roomId, seq] of seen) markRead(roomId, seq);
  }

  function typing(roomId: RoomId): void {
    const now = clock.now();
    if (now - (typedAt.get(roomId) ?? -LIMITS.typingIntervalMs) < LIMITS.typingIntervalMs) return;
    if (socket.send({ t: "typing", roomId })) typedAt.set(roomId, now);
  }

  function requestTranslation(roomId: RoomId, seqs: readonly number[]): void {
    const state = rooms.states().get(roomId);
    if (state === undefined) return;
    const messages = seqs.flatMap((seq) => messageAt(viewOf(state), seq) ?? []);
    const failed = messages.filter((message) => message.translation?.status === "failed");
    const wanting = messages.filter((message) => wantsTranslation(message, people.me()));
    translations.ask(
      roomId,
      failed.map(({ seq }) => seq),
    );
    translations.request(
      roomId,
      wanting.map(({ seq }) => seq),
    );
  }

  return {
    rooms,
    openRooms,
    outbox,
    people,
    view,
    markRead,
    typing,
    requestTranslation,
    start() {
      stopSignals();
      stopSignals = signals.onChange(onSignal);
      outbox.start();
      socket.start();
      void people.refreshRooms();
    },
    stop() {
      stopSignals();
      stopSignals = () => {};
      markSender.whenLeaving(receipts.flush);
      socket.stop();
      poller.stop();
      outbox.stop();
      for (const part of [receipts, unheardMarks, translations, rooms, people]) part.stop();
    },
    reconnectNow() {
      socket.reconnectNow();
      outbox.wake();
    },
  };
}
