import type { UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import type { MemberView } from "@ashchat/contracts/room";
import type { OutboxEntry } from "./state";

export type MessageStatusName = "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

/** `deliveredTo` and `readBy` count the other members, `others` is how many there are: "Read by 3 of 5". */
export interface MessageStatus {
  readonly status: MessageStatusName;
  readonly deliveredTo: number;
  readonly readBy: number;
  readonly others: number;
}

/**
 * How far one's own message has come. `delivered` and `read` mean by everybody else who may see it: members who joined
 * after the message are not counted. In a room without others it stays `sent`.
 */
export function messageStatus(message: MessageView, members: readonly MemberView[], me: UserId): MessageStatus {
  const others = members.filter((member) => member.userId !== me && member.joinedSeq < message.seq);
  const deliveredTo = others.filter((member) => Math.max(member.deliveredSeq, member.readSeq) >= message.seq).length;
  const readBy = others.filter((member) => member.readSeq >= message.seq).length;
  const counts = { deliveredTo, readBy, others: others.length };
  if (others.length === 0) return { status: "sent", ...counts };
  if (readBy === others.length) return { status: "read", ...counts };
  if (deliveredTo === others.length) return { status: "delivered", ...counts };
  return { status: "sent", ...counts };
}

/** The same for what is still in the outbox. */
export function outboxStatus(entry: OutboxEntry): MessageStatusName {
  return entry.state.kind;
}
