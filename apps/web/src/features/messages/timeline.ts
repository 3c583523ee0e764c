import type { UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import type { OutboxEntry } from "../../realtime/state";
import { dayKey } from "./day";

/** Messages of one person this close together stand as one group. Milliseconds. */
export const GROUP_WINDOW_MS = 5 * 60_000;

interface Grouped {
  key: string;
  /** First of its group: names the sender. */
  startsGroup: boolean;
  /** Last of its group: has the tail. */
  endsGroup: boolean;
}

/** What the list draws, from top to bottom. */
export type TimelineRow =
  | { kind: "start"; key: string }
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | ({ kind: "message"; message: MessageView; own: boolean } & Grouped)
  | ({ kind: "pending"; entry: OutboxEntry } & Grouped);

interface TimelineInput {
  messages: readonly MessageView[];
  pending: readonly OutboxEntry[];
  me: UserId;
  /**
   * The unread separator stands before the first message of somebody else after this seq; null = no separator, and none
   * in a window that begins later: the place is not in it.
   */
  unreadAfter: number | null;
  /** The first message is the first of the room: a line says so. */
  isStart: boolean;
}

/** Rows with day and unread separators, grouped. Keys are unique and a pending entry keeps its key as a message. */
export function buildTimeline({ messages, pending, me, unreadAfter, isStart }: TimelineInput): TimelineRow[] {
  const rows: TimelineRow[] = isStart ? [{ kind: "start", key: "start" }] : [];
  let unreadPlaced = unreadAfter === null || (messages[0]?.seq ?? 0) > unreadAfter + 1;
  let previous: { senderId: UserId; at: number } | null = null;

  function separate(at: number, isUnread: boolean): boolean {
    const before = rows.length;
    if (previous === null || dayKey(previous.at) !== dayKey(at))
      rows.push({ kind: "day", key: `day:${dayKey(at)}`, at });
    if (isUnread) {
      rows.push({ kind: "unread", key: "unread" });
      unreadPlaced = true;
    }
    return rows.length > before;
  }

  function place(senderId: UserId, at: number, isUnread: boolean): Omit<Grouped, "key"> {
    const separated = separate(at, isUnread);
    const startsGroup =
      separated || previous === null || previous.senderId !== senderId || at - previous.at > GROUP_WINDOW_MS;
    const last = rows.at(-1);
    if (!startsGroup && last && "endsGroup" in last) rows[rows.length - 1] = { ...last, endsGroup: false };
    previous = { senderId, at };
    return { startsGroup, endsGroup: true };
  }

  for (const message of messages) {
    const own = message.senderId === me;
    const isUnread = !unreadPlaced && unreadAfter !== null && !own && message.seq > unreadAfter;
    const grouped = place(message.senderId, message.sentAt, isUnread);
    rows.push({ kind: "message", key: bubbleKey(message.senderId, message.clientId), message, own, ...grouped });
  }
  for (const entry of pending) {
    // A clock that is behind must not put a new message into yesterday.
    const at = Math.max(entry.createdAt, messages.at(-1)?.sentAt ?? 0);
    rows.push({ kind: "pending", key: bubbleKey(me, entry.clientId), entry, ...place(me, at, false) });
  }
  return rows;
}

function bubbleKey(senderId: UserId, clientId: string): string {
  return `${senderId}:${clientId}`;
}
