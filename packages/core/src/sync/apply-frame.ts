import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { PageFrame, ServerFrame, ServerFrameOf } from "@ashchat/contracts/realtime";
import type { MemberView, ProfileView } from "@ashchat/contracts/room";
import { areTouching, firstSeq, joinWindows, keepNewest } from "./message-window";
import { hearMarks, hearReceipts, hearSenders } from "./marks";
import type { RoomState, Step } from "./room-state";
import { absorb, resumeNow, settle } from "./settle";

/** The frames that speak of one room (`profile` of whoever is a member). */
export type RoomFrame = ServerFrameOf<
  "message" | "change" | "page" | "caught_up" | "resync" | "ack" | "receipts" | "typing" | "room" | "profile"
>;

const ROOM_FRAMES: ReadonlySet<string> = new Set<RoomFrame["t"]>([
  "message",
  "change",
  "page",
  "caught_up",
  "resync",
  "ack",
  "receipts",
  "typing",
  "room",
  "profile",
]);

export function isRoomFrame(frame: ServerFrame): frame is RoomFrame {
  return ROOM_FRAMES.has(frame.t);
}

/**
 * The reducer of the realtime protocol (contracts/realtime): pure, and safe to repeat. Frames may be lost, repeated and
 * reordered; what counts is that a state of a message is replaced only by a newer one, and that the cursor claims only
 * what was heard. `now` in milliseconds.
 */
export function applyFrame(state: RoomState, frame: RoomFrame, now: number): Step {
  if (frame.t !== "profile" && frame.roomId !== state.roomId) return { state, effects: [] };
  switch (frame.t) {
    case "message":
      return settle(hearMessage(state, frame.message), now);
    case "change":
      return settle(hearChange(state, frame), now);
    case "page":
      return applyPage(state, frame, now);
    case "caught_up":
      return applyCaughtUp(state, frame.cursor, now);
    case "resync":
      return dropped({ ...state, behind: null });
    case "ack":
      return settle(hearAck(state, frame.seq), now);
    case "receipts":
      return { state: hearReceipts(state, frame.marks), effects: [] };
    case "typing":
      return { state: hearTyping(state, frame, now), effects: [] };
    case "room":
      return { state, effects: [{ kind: frame.event === "removed" ? "forget" : "refetch", roomId: state.roomId }] };
    case "profile":
      return { state: hearProfile(state, frame.profile), effects: [] };
  }
}

/** The gap is too large: the messages come anew, and the marks with the room. */
function dropped(state: RoomState): Step {
  const { roomId } = state;
  return {
    state,
    effects: [
      { kind: "reload", roomId },
      { kind: "refetch", roomId },
    ],
  };
}

/** What `ready` and other lists say: the room has come this far. */
export function hearHeads(state: RoomState, heads: Cursor): RoomState {
  if (heads.seq <= state.head && heads.changeSeq <= state.changeHead) return state;
  return { ...state, head: Math.max(state.head, heads.seq), changeHead: Math.max(state.changeHead, heads.changeSeq) };
}

/** Forgets who was typing where `now` is past their time. */
export function expireTyping(state: RoomState, now: number): RoomState {
  const live = [...state.typing].filter(([, expiresAt]) => expiresAt > now);
  return live.length === state.typing.size ? state : { ...state, typing: new Map(live) };
}

function hearMessage(state: RoomState, message: MessageView): RoomState {
  const heard = hearSenders(absorb(state, [message]), [message]);
  if (!heard.typing.has(message.senderId)) return heard;
  return { ...heard, typing: new Map([...heard.typing].filter(([userId]) => userId !== message.senderId)) };
}

/** Where nothing lies between, the person has read up to their own message before it is here; else when it is here. */
function hearAck(state: RoomState, seq: number): RoomState {
  const heard = hearHeads(state, { seq, changeSeq: 0 });
  return seq > state.cursor.seq + 1 ? heard : hearMarks(heard, state.me, { deliveredSeq: 0, readSeq: seq });
}

/** The message is shown at once, whatever its place; the claim waits until nothing is missing before it. */
function hearChange(state: RoomState, frame: ServerFrameOf<"change">): RoomState {
  const heard = hearHeads(absorb(state, [frame.message]), { seq: 0, changeSeq: frame.seq });
  if (frame.seq <= heard.cursor.changeSeq) return heard;
  const claim = { since: frame.since, seq: frame.seq };
  const isHeld = heard.held.changes.some(({ since, seq }) => since === claim.since && seq === claim.seq);
  if (isHeld) return heard;
  const changes = [...heard.held.changes, claim].toSorted((a, b) => a.since - b.since);
  return { ...heard, held: { ...heard.held, changes } };
}

/** A page counts as a whole or not at all: it has to begin where this device has come, or before. */
function applyPage(state: RoomState, page: PageFrame, now: number): Step {
  const states = [...page.changed, ...page.messages];
  const heard = hearHeads(hearSenders(absorb(joinOlder(state, page.messages), states), page.messages), page.to);
  if (!reaches(state.cursor, page.from)) return settle(heard, now);
  const cursor = { ...heard.cursor, changeSeq: Math.max(heard.cursor.changeSeq, page.to.changeSeq) };
  return settle({ ...heard, cursor, ...reachedBy(state, page, now) }, now);
}

/** A page that began before the window fills the device up to it. */
function joinOlder(state: RoomState, page: readonly MessageView[]): RoomState {
  const isOlder = firstSeq(page) < firstSeq(state.messages) && areTouching(page, state.messages);
  if (!isOlder) return state;
  const older = page.filter((message) => message.seq < firstSeq(state.messages));
  const messages = keepNewest(joinWindows(state.messages, older), state.windowMax);
  return { ...state, messages, contiguousFrom: Math.min(state.contiguousFrom, firstSeq(page)) };
}

/**
 * The answer to `resume` is complete. It is believed only where every page up to it was heard: a page claims the changes of
 * messages up to its own end, so after a lost one a later message may be here in its first state. Where one is missing, or
 * the state was set back meanwhile (an older page of history was loaded), the rest is asked again.
 */
function applyCaughtUp(state: RoomState, upTo: Cursor, now: number): Step {
  const heard = hearHeads(state, upTo);
  if (state.resumeFrom === null) return settle(heard, now);
  const isWhole = reaches(state.resumeFrom, upTo) && reaches(state.cursor, state.resumeFrom);
  if (!isWhole) return resumeNow(heard, now);
  const cursor = { ...heard.cursor, changeSeq: Math.max(heard.cursor.changeSeq, upTo.changeSeq) };
  return settle({ ...heard, cursor, behind: null, resumeFrom: null }, now);
}

/** Whether a device at `cursor` has everything up to `point`. */
function reaches(cursor: Cursor, point: Cursor): boolean {
  return point.seq <= cursor.seq && point.changeSeq <= cursor.changeSeq;
}

function reachedBy(state: RoomState, page: Pick<PageFrame, "from" | "to">, now: number) {
  const { resumeFrom, behind } = state;
  if (resumeFrom === null || !reaches(resumeFrom, page.from)) return { resumeFrom, behind };
  const seq = Math.max(resumeFrom.seq, page.to.seq);
  const changeSeq = Math.max(resumeFrom.changeSeq, page.to.changeSeq);
  return { resumeFrom: { seq, changeSeq }, behind: behind === null ? null : { ...behind, since: now } };
}

function hearTyping(state: RoomState, frame: ServerFrameOf<"typing">, now: number): RoomState {
  if (frame.userId === state.me || !state.members.some((member) => member.userId === frame.userId)) return state;
  return { ...state, typing: new Map(state.typing).set(frame.userId, now + LIMITS.typingTtlMs) };
}

function hearProfile(state: RoomState, profile: ProfileView): RoomState {
  const { name, tag, language } = profile;
  const isNews = (member: MemberView) =>
    member.userId === profile.userId && (member.name !== name || member.tag !== tag || member.language !== language);
  if (!state.members.some(isNews)) return state;
  const members = state.members.map((member) => (isNews(member) ? { ...member, name, tag, language } : member));
  return { ...state, members };
}
