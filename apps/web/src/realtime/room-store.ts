import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { ReadyFrame, ServerFrameOf } from "@ashchat/contracts/realtime";
import type { Presence, RoomView } from "@ashchat/contracts/room";
import type { RoomFrame } from "@ashchat/core/sync/apply-frame";
import { applyFrame, expireTyping, hearHeads } from "@ashchat/core/sync/apply-frame";
import { applyMessages, applyRoomView, clearTranslations, replaceHistory } from "@ashchat/core/sync/apply-history";
import { hearMarks } from "@ashchat/core/sync/marks";
import type { RoomState, Step, SyncEffect } from "@ashchat/core/sync/room-state";
import { createRoomState } from "@ashchat/core/sync/room-state";
import { resumeNow, resumeWhenDue, stopResuming } from "@ashchat/core/sync/settle";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";

/** The states of all rooms of the person, and whoever does what their reducer asks for. */
export interface RoomStore {
  states(): ReadonlyMap<RoomId, RoomState>;
  /** Rooms that came with the page, to be shown at once. Nothing is asked or told because of them: `takeReady` resumes them. */
  seed(rooms: readonly RoomView[]): void;
  /** Replaces one state; what it asks for is done. */
  take(step: Step): void;
  hear(frame: RoomFrame): void;
  hearProfile(frame: ServerFrameOf<"profile">): void;
  /** Called before rooms are asked for. */
  beginFetch(): RoomFetch;
  /** Somebody came or went, for whatever answer is under way. */
  notePresence(presence: readonly Presence[]): void;
  hearMessages(roomId: RoomId, messages: readonly MessageView[]): void;
  /** The whole list: of the rooms known when it was asked for, those that are not in it are gone. */
  takeList(rooms: readonly RoomView[], asked: RoomFetch): void;
  takeRoom(room: RoomView): void;
  /** A new connection. Everything is resumed. Rooms that this device does not know are returned. */
  takeReady(ready: ReadyFrame): readonly RoomId[];
  /** The connection that was asked is gone. */
  disconnect(): void;
  clearTranslations(): void;
  refetch(roomId: RoomId): Promise<void>;
  stop(): void;
}

/**
 * Rooms that were asked for. The answer may have been read before what is announced until it arrives, so that holds: names,
 * who is there, and that the person is in a room no more.
 */
export interface RoomFetch {
  readonly before: ReadonlySet<RoomId>;
  hasLeft(roomId: RoomId): boolean;
  /** The answer is taken, or there is none. */
  end(): void;
}

interface Announced {
  readonly profiles: Map<UserId, ServerFrameOf<"profile">>;
  readonly presence: Map<UserId, Presence>;
  readonly left: Set<RoomId>;
}

interface RoomStoreOptions {
  readonly me: UserId;
  readonly api: Pick<RealtimeApi, "history" | "room">;
  readonly clock: Clock;
  /** Asks for what came after these cursors, by whatever way there is. Called once for all that is due at a moment. */
  resume(cursors: ({ roomId: RoomId } & Cursor)[]): void;
  onChange(roomId: RoomId, state: RoomState | null): void;
  /** A room that was fetched by itself says who of its people is there. */
  onPresence(presence: readonly Presence[]): void;
}

const TICK_MS = 500;

export function createRoomStore(options: RoomStoreOptions): RoomStore {
  const { api, clock, me } = options;
  const states = new Map<RoomId, RoomState>();
  /** Rooms in which time alone changes something. */
  const restless = new Set<RoomId>();
  const toResume = new Map<RoomId, Cursor>();
  const timers = new Set<() => void>();
  /** For each fetch under way what was announced since it began. */
  const fetches = new Set<Announced>();
  let isTicking = false;

  function put(state: RoomState): void {
    const { roomId } = state;
    if (state.behind !== null || state.typing.size > 0) restless.add(roomId);
    else restless.delete(roomId);
    if (states.get(roomId) === state) return;
    states.set(roomId, state);
    options.onChange(roomId, state);
  }

  function take(step: Step): void {
    put(step.state);
    for (const effect of step.effects) run(effect);
    if (restless.size > 0 && !isTicking) later(TICK_MS, tick, () => (isTicking = true));
  }

  function later(ms: number, action: () => void, begin: () => void = () => {}): void {
    begin();
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      action();
    });
    timers.add(cancel);
  }

  function tick(): void {
    isTicking = false;
    for (const roomId of restless) {
      const state = states.get(roomId);
      if (state === undefined) restless.delete(roomId);
      else take(resumeWhenDue(expireTyping(state, clock.now()), clock.now()));
    }
  }

  function run(effect: SyncEffect): void {
    switch (effect.kind) {
      case "resume":
        if (toResume.size === 0) queueMicrotask(resumeAll);
        toResume.set(effect.roomId, effect.cursor);
        return;
      case "reload":
        return void reload(effect.roomId);
      case "refetch":
        return void refetch(effect.roomId);
      case "forget":
        return forget(effect.roomId);
    }
  }

  function resumeAll(): void {
    const cursors = [...toResume].map(([roomId, cursor]) => ({ roomId, ...cursor }));
    toResume.clear();
    if (cursors.length > 0) options.resume(cursors.slice(0, LIMITS.cursorsPerResumeMax));
  }

  async function reload(roomId: RoomId): Promise<void> {
    const answer = await api.history({ roomId });
    const state = states.get(roomId);
    if (state === undefined) return;
    if (answer.ok) return take(replaceHistory(state, answer.value, clock.now()));
    later(LIMITS.fallbackPollMs, () => resumeOne(roomId));
  }

  function resumeOne(roomId: RoomId): void {
    const state = states.get(roomId);
    if (state !== undefined) take(resumeNow(state, clock.now()));
  }

  async function refetch(roomId: RoomId): Promise<void> {
    const asked = beginFetch();
    const answer = await api.room(roomId);
    if (answer.ok) {
      options.onPresence(answer.value.presence);
      if (!asked.hasLeft(roomId)) takeRoom(answer.value.room);
    }
    asked.end();
    if (answer.ok) return;
    if (answer.error.retryable) return later(LIMITS.fallbackPollMs, () => void refetch(roomId));
    forget(roomId);
  }

  function beginFetch(): RoomFetch {
    const announced: Announced = { profiles: new Map(), presence: new Map(), left: new Set() };
    fetches.add(announced);
    return {
      before: new Set(states.keys()),
      hasLeft: (roomId) => announced.left.has(roomId),
      end() {
        fetches.delete(announced);
        for (const frame of announced.profiles.values()) hearProfile(frame);
        options.onPresence([...announced.presence.values()]);
      },
    };
  }

  function hearProfile(frame: ServerFrameOf<"profile">): void {
    for (const { profiles } of fetches) profiles.set(frame.profile.userId, frame);
    for (const state of states.values()) take(applyFrame(state, frame, clock.now()));
  }

  function forget(roomId: RoomId): void {
    for (const { left } of fetches) left.add(roomId);
    restless.delete(roomId);
    toResume.delete(roomId);
    if (states.delete(roomId)) options.onChange(roomId, null);
  }

  /** What happened between the list and now is asked for. */
  function takeRoom(room: RoomView): void {
    const known = states.get(room.roomId);
    if (known === undefined) take(resumeNow(createRoomState(room, me), clock.now()));
    else take(applyRoomView(known, room, clock.now()));
  }

  function takeReadyRoom(room: ReadyFrame["rooms"][number]): boolean {
    const known = states.get(room.roomId);
    if (known === undefined) return false;
    if (known.joinedSeq !== room.joinedSeq || known.room.membersVersion !== room.membersVersion)
      void refetch(room.roomId);
    const heard = hearHeads(hearMarks(known, me, room), { seq: room.head, changeSeq: room.changeHead });
    take(resumeNow(heard, clock.now()));
    return true;
  }

  return {
    states: () => states,
    seed(rooms) {
      for (const room of rooms) states.set(room.roomId, createRoomState(room, me));
    },
    take,
    hear(frame) {
      if (frame.t === "profile") return;
      const state = states.get(frame.roomId);
      if (state !== undefined) return take(applyFrame(state, frame, clock.now()));
      if (frame.t !== "room") return;
      if (frame.event === "removed") forget(frame.roomId);
      else void refetch(frame.roomId);
    },
    hearProfile,
    beginFetch,
    notePresence(presence) {
      for (const one of presence) for (const fetch of fetches) fetch.presence.set(one.userId, one);
    },
    hearMessages(roomId, messages) {
      const state = states.get(roomId);
      if (state !== undefined) take(applyMessages(state, messages, clock.now()));
    },
    takeList(rooms, asked) {
      const listed = new Set(rooms.map((room) => room.roomId));
      for (const roomId of asked.before) if (!listed.has(roomId)) forget(roomId);
      for (const room of rooms) if (!asked.hasLeft(room.roomId)) takeRoom(room);
    },
    takeRoom,
    takeReady(ready) {
      const listed = new Set(ready.rooms.map((room) => room.roomId));
      for (const roomId of states.keys()) if (!listed.has(roomId)) forget(roomId);
      return ready.rooms.filter((room) => !takeReadyRoom(room)).map((room) => room.roomId);
    },
    disconnect() {
      for (const state of states.values()) put(stopResuming(state, clock.now()));
    },
    clearTranslations() {
      for (const state of states.values()) put(clearTranslations(state));
    },
    refetch,
    stop() {
      for (const cancel of timers) cancel();
      timers.clear();
      isTicking = false;
    },
  };
}
