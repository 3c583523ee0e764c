import type { History } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import type { RoomView } from "@ashchat/contracts/room";
import { hearHeads } from "./apply-frame";
import { hearMarks, hearReceipts, hearSenders } from "./marks";
import type { MessageWindow } from "./message-window";
import {
  areTouching,
  denseTail,
  firstSeq,
  joinWindows,
  keepNewest,
  keepOldest,
  lastSeq,
  mergeStates,
} from "./message-window";
import type { RoomState, Step } from "./room-state";
import { NOTHING_HELD, createRoomState, viewOf } from "./room-state";
import { absorb, resumeNow, settle } from "./settle";

/**
 * A page of history, wherever it lies: it grows the window that it touches, or becomes the detached one.
 *
 * The page shows every change up to its own `cursor.changeSeq`. Where this device has heard of more, changes may have
 * passed the page by on their way, so the cursor is set back to the page's, claims beyond it are forgotten, and the rest
 * is asked again; states carry versions, so hearing them twice is harmless.
 */
export function applyHistory(state: RoomState, history: History, now: number): Step {
  const page = denseTail(history.messages);
  const floored = history.hasOlder ? state : lowerFloor(state, page);
  const placed = page.length === 0 ? floored : place(floored, page);
  const heard = hearHeads(hearSenders(absorb(placed, page), page), { seq: history.cursor.seq, changeSeq: 0 });
  if (history.cursor.changeSeq >= heard.changeHead) return settle(heard, now);
  const changeSeq = Math.min(heard.cursor.changeSeq, history.cursor.changeSeq);
  const held = { ...heard.held, changes: [] };
  const setBack = settle({ ...heard, held, cursor: { ...heard.cursor, changeSeq } }, now);
  // An answer under way is judged when it is complete (see `caught_up`): two questions at once would mix answers.
  if (setBack.state.behind?.kind === "resuming") return setBack;
  const asked = resumeNow(setBack.state, now);
  return { state: asked.state, effects: [...setBack.effects, ...asked.effects] };
}

/**
 * The newest page instead of everything that the device had: the answer to `resync`. What was heard while the page was on its
 * way may be newer than it: an edit or a deletion must not be undone for a moment.
 */
export function replaceHistory(state: RoomState, history: History, now: number): Step {
  const known = [...state.messages, ...(state.detached ?? []), ...state.held.messages];
  const page = mergeStates(denseTail(history.messages), known);
  const seq = page.length === 0 ? history.cursor.seq : lastSeq(page);
  const fresh: RoomState = {
    ...state,
    cursor: { seq, changeSeq: history.cursor.changeSeq },
    messages: page,
    detached: null,
    contiguousFrom: page.length === 0 ? seq + 1 : firstSeq(page),
    floorSeq: history.hasOlder ? state.joinedSeq : Math.max(state.joinedSeq, firstSeq(page) - 1),
    head: Math.max(state.head, seq),
    held: NOTHING_HELD,
    behind: null,
    resumeFrom: null,
  };
  return settle(hearHeads(hearSenders(absorb(fresh, page), page), history.cursor), now);
}

/** The room fetched again: who is in it, what it is called, how far it has come. A rejoined room starts anew. */
export function applyRoomView(state: RoomState, room: RoomView, now: number): Step {
  if (room.joinedSeq !== state.joinedSeq) {
    return settle({ ...createRoomState(room, state.me), windowMax: state.windowMax }, now);
  }
  const isNewer = room.membersVersion >= state.room.membersVersion;
  const next: RoomState = isNewer ? { ...state, room, members: room.members } : state;
  const marks = isNewer ? state.members : room.members;
  const marked = hearMarks(hearReceipts(next, marks), state.me, room);
  const fresh = room.lastMessage === null ? marked : absorb(marked, [room.lastMessage]);
  return settle(hearHeads(fresh, { seq: room.head, changeSeq: 0 }), now);
}

/** States that came by another way (an edit's answer, a translation asked for): they move no cursor. */
export function applyMessages(state: RoomState, messages: readonly MessageView[], now: number): Step {
  return settle(absorb(state, messages), now);
}

/** After the reader changed language: what was translated for the old one is not shown any more. */
export function clearTranslations(state: RoomState): RoomState {
  const clear = (message: MessageView) => (message.translation === null ? message : { ...message, translation: null });
  return {
    ...state,
    messages: state.messages.map(clear),
    detached: state.detached?.map(clear) ?? null,
    lastMessage: state.lastMessage === null ? null : clear(state.lastMessage),
    held: { ...state.held, messages: state.held.messages.map(clear) },
  };
}

/** The window may hold this many messages from now on: many in an open room, a page in one that is not. */
export function resizeWindow(state: RoomState, windowMax: number): RoomState {
  const messages = keepNewest(state.messages, windowMax);
  return { ...state, windowMax, messages, detached: windowMax < state.windowMax ? null : state.detached };
}

/** Back to the end of the room. */
export function leaveDetached(state: RoomState): RoomState {
  return state.detached === null ? state : { ...state, detached: null };
}

/** Joins the detached window to the live one where they touch; the view then ends at the newest message. */
export function attachDetached(state: RoomState): RoomState {
  if (state.detached === null || !areTouching(state.detached, state.messages)) return state;
  return { ...state, ...joinLive(state, state.detached), detached: null };
}

function place(state: RoomState, page: MessageWindow): RoomState {
  if (state.detached !== null && areTouching(state.detached, page)) return placeDetached(state, page);
  const isNextToLive =
    state.messages.length === 0 ? isAround(state.cursor.seq, page) : areTouching(state.messages, page);
  if (isNextToLive) return detachWhenLong({ ...state, ...joinLive(state, page) }, page);
  if (firstSeq(page) > state.cursor.seq) return startLive(state, page);
  return { ...state, detached: keepOldest(page, LIMITS.windowMessagesMax) };
}

/** Grown at the end that the page is at; the other end is dropped where it becomes too long. */
function placeDetached(state: RoomState, page: MessageWindow): RoomState {
  const before = state.detached ?? [];
  const joined = joinWindows(before, page);
  const grewDown = firstSeq(joined) < firstSeq(before);
  const max = LIMITS.windowMessagesMax;
  const detached = grewDown ? keepOldest(joined, max) : keepNewest(joined, max);
  const placed = { ...state, detached };
  return areTouching(page, state.messages) ? attachDetached(placed) : placed;
}

function joinLive(state: RoomState, page: MessageWindow) {
  const joined = joinWindows(state.messages, page);
  const messages = keepNewest(joined, LIMITS.windowMessagesMax);
  const cursor = { ...state.cursor, seq: Math.max(state.cursor.seq, lastSeq(messages)) };
  return { messages, cursor, contiguousFrom: Math.min(state.contiguousFrom, firstSeq(joined)) };
}

/** Who has read far back looks at a window of its own, so that new messages need not push out what is being read. */
function detachWhenLong(state: RoomState, page: MessageWindow): RoomState {
  const isPrepended = firstSeq(page) === firstSeq(state.messages) && lastSeq(page) < state.cursor.seq;
  if (!isPrepended || state.detached !== null || state.messages.length <= LIMITS.windowMessagesMax / 2) return state;
  const cut = state.messages.length - LIMITS.historyPageMessages;
  return { ...state, detached: state.messages.slice(0, cut), messages: state.messages.slice(cut) };
}

/** The page lies after a hole behind the cursor: the room goes on from the page, and what lies before is fetched on demand. */
function startLive(state: RoomState, page: MessageWindow): RoomState {
  const cursor = { ...state.cursor, seq: lastSeq(page) };
  return { ...state, messages: page, cursor, contiguousFrom: firstSeq(page) };
}

function isAround(seq: number, page: MessageWindow): boolean {
  return firstSeq(page) <= seq + 1 && seq <= lastSeq(page);
}

function lowerFloor(state: RoomState, page: MessageWindow): RoomState {
  const floorSeq = Math.max(state.joinedSeq, firstSeq(page.length === 0 ? viewOf(state) : page) - 1);
  return { ...state, floorSeq };
}
