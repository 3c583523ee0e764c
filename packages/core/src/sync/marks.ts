import type { UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import type { MemberView } from "@ashchat/contracts/room";
import type { Marks, RoomState } from "./room-state";
import { grownMarks } from "./room-state";

/** A member's marks as far as they grew; one's own come from one's other devices. */
export function hearMarks(state: RoomState, userId: UserId, heard: Marks): RoomState {
  const own = userId === state.me ? grownMarks(state.own, heard) : state.own;
  const members = withMarks(state.members, userId, heard);
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
  let heard = state;
  for (const [userId, seq] of newest) heard = hearMarks(heard, userId, { deliveredSeq: seq, readSeq: seq });
  return heard;
}

function withMarks(members: readonly MemberView[], userId: UserId, heard: Marks): readonly MemberView[] {
  const index = members.findIndex((member) => member.userId === userId);
  const member = members[index];
  if (member === undefined) return members;
  const marks = grownMarks(member, heard);
  if (marks.readSeq === member.readSeq && marks.deliveredSeq === member.deliveredSeq) return members;
  return members.with(index, { ...member, deliveredSeq: marks.deliveredSeq, readSeq: marks.readSeq });
}
