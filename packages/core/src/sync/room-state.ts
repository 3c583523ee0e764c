import type { UserId, RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { MemberView, RoomView } from "@ashchat/contracts/room";
import type { MessageWindow } from "./message-window";

/**
 * What one device knows of one room.
 *
 * Always true:
 * - `messages` is dense and, where not empty, ends at `cursor.seq`;
 * - every message of `messages` and `detached` shows every change up to `cursor.changeSeq` that concerns the reader;
 * - `detached` is a dense window elsewhere, which the person scrolled or jumped to;
 * - everything in [contiguousFrom, cursor.seq] has been on this device, so marks may claim it;
 * - `held` has only what lies beyond the cursor, and `head` and `changeHead` remember that it was heard of;
 * - marks and heads only grow.
 */
export interface RoomState {
  readonly roomId: RoomId;
  readonly me: UserId;
  /** Kind, title and creation. Its numbers and members are those of the fetch; the live ones are beside it. */
  readonly room: RoomView;
  readonly members: readonly MemberView[];
  readonly joinedSeq: number;
  /** Nothing older than `floorSeq + 1` can be fetched. */
  readonly floorSeq: number;
  readonly cursor: Cursor;
  readonly messages: MessageWindow;
  readonly detached: MessageWindow | null;
  readonly windowMax: number;
  readonly contiguousFrom: number;
  /** The newest message and change that this device has heard of; beyond the cursor something is missing. */
  readonly head: number;
  readonly changeHead: number;
  readonly lastMessage: MessageView | null;
  readonly own: Marks;
  readonly typing: ReadonlyMap<UserId, number>;
  readonly held: Held;
  readonly behind: Behind | null;
  /**
   * How far the answer to a resume has come; the next one begins here. It may lag behind `cursor`: between two pages a
   * live message can be appended in its first state while its changes are still to come. Null once caught up.
   */
  readonly resumeFrom: Cursor | null;
}

export interface Marks {
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

/** Beyond the cursor: states of messages that come later (sorted by seq), and claims of changes (sorted by since). */
export interface Held {
  readonly messages: readonly MessageView[];
  readonly changes: readonly { readonly since: number; readonly seq: number }[];
}

/** `waiting`: something is missing, which may still come by itself. `resuming`: the server was asked. */
export interface Behind {
  readonly kind: "waiting" | "resuming";
  readonly since: number;
}

/** What the owner of the state has to do next. */
export type SyncEffect =
  | { readonly kind: "resume"; readonly roomId: RoomId; readonly cursor: Cursor }
  /** Fetch the newest page and apply it with `replaceHistory`. */
  | { readonly kind: "reload"; readonly roomId: RoomId }
  /** Fetch the room and apply it with `applyRoomView`. */
  | { readonly kind: "refetch"; readonly roomId: RoomId }
  /** The person is no member any more: forget the room. */
  | { readonly kind: "forget"; readonly roomId: RoomId };

export interface Step {
  readonly state: RoomState;
  readonly effects: readonly SyncEffect[];
}

export const NOTHING_HELD: Held = { messages: [], changes: [] };

/**
 * The state of a room that was just listed; it has to be resumed, for what happened after the list. A short absence begins at one's own delivered mark, so that the device gets
 * everything that it missed and may say so; after a long one only the last message is there until the room is opened.
 */
export function createRoomState(room: RoomView, me: UserId): RoomState {
  const start = Math.max(room.deliveredSeq, room.joinedSeq);
  const last = room.lastMessage;
  const isShortAbsence = room.head > start && room.head - start <= LIMITS.resumePageMessages;
  const messages = isShortAbsence || last === null || last.seq < room.head ? [] : [last];
  const seq = messages[0]?.seq ?? (isShortAbsence ? start : room.head);
  return {
    roomId: room.roomId,
    me,
    room,
    members: room.members,
    joinedSeq: room.joinedSeq,
    floorSeq: room.joinedSeq,
    cursor: { seq, changeSeq: room.changeHead },
    messages,
    detached: null,
    windowMax: LIMITS.backgroundWindowMessages,
    contiguousFrom: seq - messages.length + 1,
    head: Math.max(room.head, seq),
    changeHead: room.changeHead,
    lastMessage: last,
    own: { deliveredSeq: room.deliveredSeq, readSeq: room.readSeq },
    typing: new Map(),
    held: NOTHING_HELD,
    behind: null,
    resumeFrom: null,
  };
}

/** What the person looks at: the detached window, else the live one. */
export function viewOf(state: RoomState): MessageWindow {
  return state.detached ?? state.messages;
}

export function hasOlder(state: RoomState): boolean {
  const view = viewOf(state);
  const first = view[0]?.seq ?? state.cursor.seq + 1;
  return first > state.floorSeq + 1;
}

export function unreadOf(state: RoomState): number {
  return Math.max(0, state.head - Math.max(state.own.readSeq, state.joinedSeq));
}

/** Where a resume has to begin. */
export function resumeCursor({ cursor, resumeFrom }: RoomState): Cursor {
  if (resumeFrom === null) return cursor;
  return { seq: Math.min(cursor.seq, resumeFrom.seq), changeSeq: Math.min(cursor.changeSeq, resumeFrom.changeSeq) };
}

/** How far this device may mark the room as delivered: its unbroken run has to reach the mark that stands. */
export function deliverableSeq(state: RoomState): number {
  const marked = Math.max(state.own.deliveredSeq, state.joinedSeq);
  return state.contiguousFrom <= marked + 1
    ? Math.max(state.cursor.seq, state.own.deliveredSeq)
    : state.own.deliveredSeq;
}

export function grownMarks(known: Marks, heard: Marks): Marks {
  const readSeq = Math.max(known.readSeq, heard.readSeq);
  const deliveredSeq = Math.max(known.deliveredSeq, heard.deliveredSeq, readSeq);
  return readSeq === known.readSeq && deliveredSeq === known.deliveredSeq ? known : { deliveredSeq, readSeq };
}
