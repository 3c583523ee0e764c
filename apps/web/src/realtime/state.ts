import type { Me } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import type { ClientId, RoomId, UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { MessageView } from "@ashchat/contracts/message";
import type { MemberView, Presence, RoomView } from "@ashchat/contracts/room";

/**
 * What the interface sees: one immutable snapshot. A part that did not change keeps its identity from snapshot to
 * snapshot, so a selector that picks a part is stable.
 */
export interface ClientState {
  readonly connection: Connection;
  readonly me: Me;
  /** `loading` until the first list was fetched; `failed` when it could not be. `rooms` may hold some before. */
  readonly roomsStatus: "loading" | "ready" | "failed";
  /** Newest activity first. */
  readonly rooms: readonly RoomSummary[];
  /** The rooms that are open on this device (see `openRoom`). */
  readonly conversations: ReadonlyMap<RoomId, Conversation>;
  readonly presence: ReadonlyMap<UserId, Presence>;
  /** Everybody known from the rooms, oneself included. */
  readonly people: ReadonlyMap<UserId, Person>;
  /** False: the browser keeps nothing, unsent messages are lost when the tab is closed. Say so beside unsent ones. */
  readonly isOutboxDurable: boolean;
}

/**
 * `live`: by socket. `polling`: the socket is down but the server answers; messages come every few seconds.
 * `offline`: nothing answers. `retryAt`: when the socket tries again (milliseconds since the epoch), null = not waiting.
 */
export interface Connection {
  readonly status: "connecting" | "live" | "polling" | "offline" | "signed_out";
  readonly since: number;
  readonly retryAt: number | null;
}

export interface Person {
  readonly userId: UserId;
  readonly name: string;
  readonly tag: string;
  readonly language: Language;
}

export interface RoomSummary {
  readonly roomId: RoomId;
  readonly kind: RoomView["kind"];
  /** The title; for a direct room the name of the other. */
  readonly name: string;
  /** The other person of a direct room. */
  readonly other: UserId | null;
  readonly members: readonly MemberView[];
  readonly lastMessage: MessageView | null;
  /** Own messages that are not sent yet. */
  readonly unsent: number;
  readonly failed: number;
  readonly unread: number;
  readonly activeAt: number;
  readonly typing: readonly UserId[];
}

/**
 * An open room. Draw `messages`, then `pending`. Use `${senderId}:${clientId}` as the key of both: a pending entry and
 * the message that it becomes are the same bubble.
 */
export interface Conversation {
  readonly roomId: RoomId;
  readonly status: "loading" | "ready" | "failed";
  readonly error: ErrorCode | null;
  /** Ascending and without a hole. */
  readonly messages: readonly MessageView[];
  /** Own messages that `messages` does not have yet, oldest first. Empty while newer messages are not loaded. */
  readonly pending: readonly OutboxEntry[];
  readonly hasOlder: boolean;
  /** The window is far from the end: `loadNewer` continues it, `jumpToLatest` leaves it. */
  readonly hasNewer: boolean;
  readonly isLoadingOlder: boolean;
  readonly isLoadingNewer: boolean;
  readonly head: number;
  readonly joinedSeq: number;
  readonly readSeq: number;
  /** One's own `readSeq` when the room was opened: the unread separator stands before the first message after it. */
  readonly openedReadSeq: number;
  /** With live marks. */
  readonly members: readonly MemberView[];
  /** Others who are typing right now. */
  readonly typing: readonly UserId[];
}

/** `sent` is kept only until the message itself is on this device. */
export type OutboxState =
  | { readonly kind: "queued" }
  | { readonly kind: "sending" }
  | { readonly kind: "sent"; readonly seq: number; readonly sentAt: number }
  | { readonly kind: "failed"; readonly code: ErrorCode };

export interface OutboxEntry {
  readonly clientId: ClientId;
  readonly roomId: RoomId;
  readonly text: string;
  readonly createdAt: number;
  readonly attempts: number;
  readonly state: OutboxState;
}
