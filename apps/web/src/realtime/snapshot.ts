import type { Me } from "@ashchat/contracts/api";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import type { RoomState } from "@ashchat/core/sync/room-state";
import { hasOlder, unreadOf, viewOf } from "@ashchat/core/sync/room-state";
import type { OpenRoom } from "./open-rooms";
import type { Conversation, OutboxEntry, Person, RoomSummary } from "./state";

/** Pure views of what the parts of the client know; each is cached by the identity of what it is made of. */

const NOBODY: readonly UserId[] = [];
const NOTHING: readonly OutboxEntry[] = [];

/** The last result for a key as long as its ingredients are the same objects. */
export function cachedBy<Key, Ingredients extends readonly unknown[], View>(
  build: (key: Key, ingredients: Ingredients) => View,
) {
  const known = new Map<Key, { ingredients: Ingredients; view: View }>();
  return {
    get(key: Key, ...ingredients: Ingredients): View {
      const cached = known.get(key);
      if (cached?.ingredients.every((part, index) => part === ingredients[index])) return cached.view;
      const view = build(key, ingredients);
      known.set(key, { ingredients, view });
      return view;
    },
    /** Keys that are gone need not be remembered. */
    keepOnly(isKept: (key: Key) => boolean): void {
      for (const key of known.keys()) if (!isKept(key)) known.delete(key);
    },
  };
}

type SummaryParts = readonly [state: RoomState, outbox: readonly OutboxEntry[]];

export function summaryOf(roomId: RoomId, [state, outbox]: SummaryParts): RoomSummary {
  const { room, members, me } = state;
  const other = room.kind === "direct" ? members.find((member) => member.userId !== me) : undefined;
  const failed = outbox.filter((entry) => entry.state.kind === "failed").length;
  const unsent = outbox.filter((entry) => entry.state.kind !== "sent").length;
  const newest = outbox.at(-1)?.createdAt ?? 0;
  return {
    roomId,
    kind: room.kind,
    name: room.title ?? other?.name ?? "",
    other: other?.userId ?? null,
    members,
    lastMessage: state.lastMessage,
    unsent,
    failed,
    unread: unreadOf(state),
    activeAt: Math.max(room.createdAt, state.lastMessage?.sentAt ?? 0, newest),
    typing: typingOf(state),
  };
}

type ConversationParts = readonly [open: OpenRoom, state: RoomState | null, outbox: readonly OutboxEntry[]];

export function conversationOf(roomId: RoomId, [open, state, outbox]: ConversationParts): Conversation {
  if (state === null) return emptyConversation(roomId, open);
  const messages = viewOf(state);
  const isReady = open.isFirstPageLoaded || messages.length > 0 || !hasOlder(state);
  return {
    roomId,
    status: isReady ? "ready" : open.error === null ? "loading" : "failed",
    error: open.error,
    messages,
    pending: state.detached === null ? pendingOf(state, outbox) : NOTHING,
    hasOlder: hasOlder(state),
    hasNewer: state.detached !== null,
    isLoadingOlder: open.isLoadingOlder,
    isLoadingNewer: open.isLoadingNewer,
    head: state.head,
    joinedSeq: state.joinedSeq,
    readSeq: state.own.readSeq,
    openedReadSeq: open.openedReadSeq ?? state.own.readSeq,
    members: state.members,
    typing: typingOf(state),
  };
}

/** Own entries that are not among the messages yet; a message with their clientId has taken their place. */
function pendingOf(state: RoomState, outbox: readonly OutboxEntry[]): readonly OutboxEntry[] {
  if (outbox.length === 0) return NOTHING;
  const isMine = (message: MessageView) => message.senderId === state.me;
  const here = new Set(state.messages.filter(isMine).map((message) => message.clientId));
  const pending = outbox.filter((entry) => !here.has(entry.clientId));
  return pending.length === 0 ? NOTHING : pending;
}

function emptyConversation(roomId: RoomId, open: OpenRoom): Conversation {
  return {
    roomId,
    status: open.error === null ? "loading" : "failed",
    error: open.error,
    messages: [],
    pending: NOTHING,
    hasOlder: false,
    hasNewer: false,
    isLoadingOlder: false,
    isLoadingNewer: false,
    head: 0,
    joinedSeq: 0,
    readSeq: 0,
    openedReadSeq: 0,
    members: [],
    typing: NOBODY,
  };
}

function typingOf(state: RoomState): readonly UserId[] {
  return state.typing.size === 0 ? NOBODY : [...state.typing.keys()];
}

export function peopleOf(me: Me, rooms: readonly RoomSummary[]): ReadonlyMap<UserId, Person> {
  const people = new Map<UserId, Person>();
  for (const { members } of rooms) {
    for (const { userId, name, tag, language } of members) people.set(userId, { userId, name, tag, language });
  }
  const { userId, name, tag, language } = me.profile;
  return people.set(userId, { userId, name, tag, language });
}

/** Newest activity first; the same array where nothing changed. */
export function sortRooms(before: readonly RoomSummary[], rooms: readonly RoomSummary[]): readonly RoomSummary[] {
  const sorted = rooms.toSorted((a, b) => b.activeAt - a.activeAt || (a.roomId < b.roomId ? -1 : 1));
  return isSameList(before, sorted) ? before : sorted;
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
