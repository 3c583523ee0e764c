import type { UserId } from "@ashchat/contracts/ids";
import type { MemberMarks } from "@ashchat/contracts/realtime";
import type { MessageView } from "@ashchat/contracts/message";
import type { MemberView } from "@ashchat/contracts/room";
import type { Marks, RoomState } from "./room-state";
import { grownMarks } from "./room-state";

/** A member's marks as far as they grew; one's own come from one's other devices. */
export function hearMarks(state: RoomState, userId: UserId, heard: Marks): RoomState {
  return hearReceipts(state, [{ ...heard, userId }]);
}

/** The marks of many in one step: the same as one after the other, in whatever order. */
export function hearReceipts(state: RoomState, receipts: readonly MemberMarks[]): RoomState {
  const heard = new Map<UserId, Marks>();
  for (const { userId, deliveredSeq, readSeq } of receipts) {
    const marks = { deliveredSeq, readSeq };
    heard.set(userId, grownMarks(heard.get(userId) ?? marks, marks));
  }
  const ownHeard = heard.get(state.me);
  const own = ownHeard === undefined ? state.own : grownMarks(state.own, ownHeard);
  const members = withMarks(state.members, heard);
  return own === state.own && members === state.members ? state : { ...state, own, members };
}

/**
 * Sending marks the room as read up to the sender's message. One's own raises one's own marks when this device has come so far:
 * before, others' messages that it does not have yet may lie between.
 */
export function hearSenders(state: RoomState, messages: readonly MessageView[]): RoomState {
  const newest = new Map<UserId, number>();
  for (const { senderId, seq } of messages) {
    if (senderId === state.me && seq > state.cursor.seq) continue;
    newest.set(senderId, Math.max(newest.get(senderId) ?? 0, seq));
  }
  const receipts = [...newest].map(([userId, seq]) => ({ userId, deliveredSeq: seq, readSeq: seq }));
  return receipts.length === 0 ? state : hearReceipts(state, receipts);
}

function withMarks(members: readonly MemberView[], heard: ReadonlyMap<UserId, Marks>): readonly MemberView[] {
  let isNews = false;
  const marked = members.map((member) => {
    const marks = heard.get(member.userId);
    const grown = marks === undefined ? member : grownMarks(member, marks);
    if (grown === member) return member;
    isNews = true;
    return { ...member, deliveredSeq: grown.deliveredSeq, readSeq: grown.readSeq };
  });
  return isNews ? marked : members;
}
