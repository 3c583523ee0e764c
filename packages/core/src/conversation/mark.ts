import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { Announcer, Caller, MembershipStore, MessageStore, Outcome } from "../ports";

export interface MarkDeps {
  memberships: Pick<MembershipStore, "mark">;
  /** Whoever follows the room knows its head; the others read it. */
  messages: Pick<MessageStore, "headOf">;
  announcer: Announcer;
}

export interface MarkInput {
  roomId: RoomId;
  deliveredSeq?: number | undefined;
  readSeq?: number | undefined;
}

/**
 * Raises the caller's marks, never beyond the room's head; what was read was delivered. Returns the marks as they then are and tells
 * the room. `not_found` for strangers.
 */
export async function mark(
  deps: MarkDeps,
  caller: Caller,
  input: MarkInput,
): Outcome<{ deliveredSeq: number; readSeq: number }> {
  const { roomId } = input;
  const head = await deps.messages.headOf(roomId);
  if (!head.ok) return head;
  const wanted = clampMarks(input, head.value);
  const marked = await deps.memberships.mark(roomId, caller.userId, wanted);
  if (!marked.ok) return marked;
  if (marked.value === null) return fail(appError("not_found", "not a member of this room"));
  deps.announcer.announce({ kind: "receipt", roomId, userId: caller.userId, ...marked.value });
  return ok(marked.value);
}

/** Marks never run ahead of the room, and `readSeq` carries `deliveredSeq` along. */
export function clampMarks(
  wanted: Pick<MarkInput, "deliveredSeq" | "readSeq">,
  head: number,
): { deliveredSeq: number; readSeq: number } {
  const readSeq = Math.min(wanted.readSeq ?? 0, head);
  return { deliveredSeq: Math.max(readSeq, Math.min(wanted.deliveredSeq ?? 0, head)), readSeq };
}
