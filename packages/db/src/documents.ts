import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { SessionId, UserId } from "@ashchat/contracts/ids";
import type { Language, UiLanguage } from "@ashchat/contracts/languages";
import type { Device, Membership, Profile, Room, UnloggedChange } from "@ashchat/core/ports";

/** What each collection keeps. Written only by this package, always from values that a schema has checked before. */
export interface UserDocument {
  _id: UserId;
  email: string;
  passwordHash: string;
  uiLanguage: UiLanguage;
  /** With `pendingSince` (its copy of `createdAt`, for a sparse index) until the profile is made. */
  pendingProfile?: { name: string; language: Language };
  pendingSince?: number;
  createdAt: number;
}

export interface SessionDocument {
  _id: SessionId;
  userId: UserId;
  device: Device;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  revokedAt: number | null;
}

export interface ProfileDocument extends Omit<Profile, "userId"> {
  _id: UserId;
  /** Once it was. */
  changedAt?: number;
}

export interface RoomDocument extends Omit<Room, "roomId"> {
  _id: Room["roomId"];
  /** `a:b` (sorted) or `group:<id>`. */
  directKey: string;
}

export type MembershipDocument = Membership;

export interface MessageDocument extends Omit<StoredMessage, "messageId"> {
  _id: StoredMessage["messageId"];
  /** There while something is owed to the message; `dueAt` is there as long as this or `unlogged` is. */
  pending?: { kind: "translate"; languages: Language[]; tries: number };
  /** Changes that the room's log does not have yet. */
  unlogged: UnloggedChange[];
  dueAt?: number;
}

/** `_id` is the driver's: the identity of a change is (roomId, changeId). */
export type ChangeDocument = StoredChange;

export interface MigrationDocument {
  /** The migration's number. */
  _id: number;
  name: string;
  appliedAt: number;
}
