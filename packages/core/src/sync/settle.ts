import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import { hearSenders } from "./marks";
import { mergeMessage } from "./merge-message";
import { keepNewest, mergeStates } from "./message-window";
import type { Behind, Held, RoomState, Step, SyncEffect } from "./room-state";
import { NOTHING_HELD, resumeCursor } from "./room-state";

/**
 * Brings a state to rest after anything was heard: takes from `held` what has become next, and asks the server where
 * too much is held. `now` in milliseconds.
 */
export function settle(heard: RoomState, now: number, effects: readonly SyncEffect[] = []): Step {
  const drained = drainChanges(drainMessages(heard));
  const heldCount = drained.held.messages.length + drained.held.changes.length;
  if (heldCount > LIMITS.heldFramesMax) return askAgain({ ...drained, held: NOTHING_HELD }, now, effects);
  return { state: withBehind(drained, now), effects };
}

/**
 * To be called while `behind` is set: asks the server when what is missing did not come by itself in
 * LIMITS.heldFramesMs, or when an asked server has been silent for LIMITS.sendTimeoutMs.
 */
export function resumeWhenDue(state: RoomState, now: number): Step {
  return state.behind !== null && now >= dueAt(state.behind) ? resumeNow(state, now) : { state, effects: [] };
}

/** When `resumeWhenDue` has something to do. */
export function dueAt(behind: Behind): number {
  return behind.since + (behind.kind === "waiting" ? LIMITS.heldFramesMs : LIMITS.sendTimeoutMs);
}

/** Asks the server for everything after the cursor, whatever was asked before (on a new connection: nothing was). */
export function resumeNow(state: RoomState, now: number): Step {
  const cursor = resumeCursor(state);
  const asked: RoomState = { ...state, behind: { kind: "resuming", since: now }, resumeFrom: cursor };
  return { state: asked, effects: [{ kind: "resume", roomId: state.roomId, cursor }] };
}

/** The connection that was asked is gone. */
export function stopResuming(state: RoomState, now: number): RoomState {
  return state.behind?.kind === "resuming" ? withBehind({ ...state, behind: null }, now) : state;
}

/** Takes newer states of messages wherever they are: in the windows, held, or shown as the last of the room. */
export function absorb(state: RoomState, states: readonly MessageView[]): RoomState {
  const later = states.filter((message) => message.seq > state.cursor.seq);
  const messages = mergeStates(state.messages, states);
  const detached = state.detached === null ? null : mergeStates(state.detached, states);
  const lastMessage = states.reduce(latest, state.lastMessage);
  const held = later.length === 0 ? state.held : { ...state.held, messages: holdMessages(state.held, later) };
  const isSame =
    messages === state.messages &&
    detached === state.detached &&
    lastMessage === state.lastMessage &&
    held === state.held;
  return isSame
    ? state
    : { ...state, messages, detached, lastMessage, held, head: Math.max(state.head, lastMessage?.seq ?? 0) };
}

/** What became next is appended; what the windows have got by another way still brings its newer state. */
function drainMessages(state: RoomState): RoomState {
  let seq = state.cursor.seq;
  let taken = 0;
  for (const message of state.held.messages) {
    if (message.seq > seq + 1) break;
    seq = Math.max(seq, message.seq);
    taken += 1;
  }
  if (taken === 0) return state;
  const heard = state.held.messages.slice(0, taken);
  const known = mergeStates(state.messages, heard);
  const appended = heard.filter((message) => message.seq > state.cursor.seq);
  const max = state.detached === null ? state.windowMax : LIMITS.historyPageMessages;
  const drained: RoomState = {
    ...state,
    messages: keepNewest([...known, ...appended], max),
    detached: state.detached === null ? null : mergeStates(state.detached, heard),
    cursor: { ...state.cursor, seq },
    held: { ...state.held, messages: state.held.messages.slice(taken) },
  };
  return hearSenders(drained, appended);
}

function drainChanges(state: RoomState): RoomState {
  let changeSeq = state.cursor.changeSeq;
  let taken = 0;
  for (const change of state.held.changes) {
    if (change.since > changeSeq) break;
    changeSeq = Math.max(changeSeq, change.seq);
    taken += 1;
  }
  if (taken === 0) return state;
  const held: Held = { ...state.held, changes: state.held.changes.slice(taken) };
  return { ...state, held, cursor: { ...state.cursor, changeSeq } };
}

function withBehind(state: RoomState, now: number): RoomState {
  if (state.behind?.kind === "resuming") return state;
  const isMissing = state.head > state.cursor.seq || state.changeHead > state.cursor.changeSeq;
  if (isMissing) return state.behind === null ? { ...state, behind: { kind: "waiting", since: now } } : state;
  return state.behind === null ? state : { ...state, behind: null };
}

function askAgain(state: RoomState, now: number, effects: readonly SyncEffect[]): Step {
  if (state.behind?.kind === "resuming") return { state, effects };
  const asked = resumeNow(state, now);
  return { state: asked.state, effects: [...effects, ...asked.effects] };
}

function holdMessages(held: Held, later: readonly MessageView[]): readonly MessageView[] {
  const bySeq = new Map(held.messages.map((message) => [message.seq, message]));
  for (const message of later) {
    const known = bySeq.get(message.seq);
    bySeq.set(message.seq, known === undefined ? message : mergeMessage(known, message));
  }
  return [...bySeq.values()].toSorted((a, b) => a.seq - b.seq);
}

function latest(known: MessageView | null, heard: MessageView): MessageView {
  if (known === null || heard.seq > known.seq) return heard;
  return heard.seq === known.seq ? mergeMessage(known, heard) : known;
}
