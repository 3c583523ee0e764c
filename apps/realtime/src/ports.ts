import type { Announcement } from "@ashchat/contracts/announcements";
import type { RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import type { Announcer, Outcome, PresenceReader } from "@ashchat/core/ports";

/** What a node needs of Redis; `packages/redis` implements it. */
export interface LiveBus {
  readonly announcer: Announcer;
  /** Resolves when this room's announcements arrive (or at once while Redis is down: holes are found later). */
  watchRoom(roomId: RoomId): Promise<void>;
  unwatchRoom(roomId: RoomId): void;
  /** Announcements of other processes. */
  onAnnouncement(listener: (announcement: Announcement) => void): void;
  onBroken(listener: () => void): void;
  /** Connected and subscribed again. */
  onRestored(listener: () => void): void;
}

export interface Tickets {
  /** Null for a ticket that is unknown, late or used. */
  redeemTicket(ticket: string): Outcome<{ userId: UserId; sessionId: SessionId } | null>;
}

export interface PresenceStore extends PresenceReader {
  /** These people are here for another `presenceTtlMs`. */
  beat(userIds: readonly UserId[]): Outcome<void>;
  /** These people have left this node. */
  leave(userIds: readonly UserId[]): Outcome<void>;
}
