import type { Announcement, StoredChange, StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import type { AppError } from "@ashchat/contracts/errors";
import type { ChangeId, ClientId, CorrelationId, MessageId, RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import type { Language, UiLanguage } from "@ashchat/contracts/languages";
import type { ChangeKind, Cursor } from "@ashchat/contracts/message";
import type { ConfirmEmailCodeReply, ConfirmEmailCodeRequest, QueueBody, QueueName } from "@ashchat/contracts/queues";
import type { Result } from "@ashchat/contracts/result";
import type { MemberRole, Presence, ProfileView } from "@ashchat/contracts/room";

/**
 * What core needs of the world. `db`, `redis`, `messaging` and `translate` implement these; apps hand them over. Every
 * promise here may be late but not endless: an implementation has a deadline and answers `timeout` or `unavailable`.
 * Expected failures are Results; a store that cannot be reached throws nothing but returns `unavailable`.
 */
export type Outcome<Value> = Promise<Result<Value, AppError>>;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

// ── people ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Account {
  userId: UserId;
  email: string;
  passwordHash: string;
  uiLanguage: UiLanguage;
  /** Set until the profiles worker has made the profile. */
  pendingProfile: { name: string; language: Language } | null;
  createdAt: number;
}

export interface AccountStore {
  findByEmail(email: string): Outcome<Account | null>;
  findById(userId: UserId): Outcome<Account | null>;
  /** Idempotent by `userId`. `conflict` when the address belongs to another account. */
  insert(account: Account): Outcome<Account>;
  setUiLanguage(userId: UserId, uiLanguage: UiLanguage): Outcome<void>;
  clearPendingProfile(userId: UserId): Outcome<void>;
  /** Accounts whose profile is missing and that are older than `before`; at most `limit`. For the sweep. */
  withPendingProfile(before: number, limit: number): Outcome<UserId[]>;
}

export interface Profile extends ProfileView {
  /** Never translated for this person, besides `language`. */
  understands: Language[];
  lastSeenAt: number | null;
}

export interface ProfileStore {
  find(userId: UserId): Outcome<Profile | null>;
  findMany(userIds: readonly UserId[]): Outcome<Profile[]>;
  findByTag(tag: string): Outcome<Profile | null>;
  /** Idempotent by `userId`; `conflict` when the tag is taken (choose another). An existing profile is returned as it is. */
  create(profile: Profile): Outcome<Profile>;
  update(
    userId: UserId,
    fields: Partial<Pick<Profile, "name" | "about" | "language" | "understands">>,
    /** Milliseconds since the epoch. */
    at: number,
  ): Outcome<Profile | null>;
  /** Updated after `at`, oldest first, at most `limit`. */
  changedSince(at: number, limit: number): Outcome<Profile[]>;
  /** Write-back of last-seen times; they only grow. */
  setLastSeen(entries: readonly { userId: UserId; at: number }[]): Outcome<void>;
}

export interface Device {
  name: string;
  os: string;
}

export interface Session {
  sessionId: SessionId;
  userId: UserId;
  device: Device;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  revokedAt: number | null;
}

export interface SessionStore {
  insert(session: Session): Outcome<void>;
  find(sessionId: SessionId): Outcome<Session | null>;
  /** Live sessions, newest use first. */
  listLive(userId: UserId, now: number): Outcome<Session[]>;
  /** Null when it is not this person's, or already revoked. */
  revoke(userId: UserId, sessionId: SessionId, at: number): Outcome<Session | null>;
  touch(sessionId: SessionId, at: number): Outcome<void>;
  /** Revoked after `since`: asked once a second while Redis is down. */
  revokedSince(since: number): Outcome<Session[]>;
  deleteExpired(before: number): Outcome<number>;
}

// ── rooms ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Room {
  roomId: RoomId;
  kind: "direct" | "group";
  title: string | null;
  /** Raised by every change of the member list or title. */
  membersVersion: number;
  createdAt: number;
}

export interface Membership {
  roomId: RoomId;
  userId: UserId;
  role: MemberRole;
  /** The room's head when the person joined; earlier messages are not theirs to read. 0 in direct rooms. */
  joinedSeq: number;
  joinedAt: number;
  removedAt: number | null;
  deliveredSeq: number;
  readSeq: number;
  /** Reading language in this room, where it differs from the profile's. */
  language: Language | null;
}

export interface RoomStore {
  find(roomId: RoomId): Outcome<Room | null>;
  findMany(roomIds: readonly RoomId[]): Outcome<Room[]>;
  /** Upserts the room by its sorted key, then both memberships, the other's first. Any number of times: one room. */
  openDirect(userId: UserId, otherId: UserId, now: number): Outcome<{ room: Room; created: boolean }>;
  /** Inserts the room and its memberships, the owner's last. */
  createGroup(group: {
    roomId: RoomId;
    title: string;
    ownerId: UserId;
    memberIds: readonly UserId[];
    now: number;
  }): Outcome<Room>;
  rename(roomId: RoomId, title: string): Outcome<Room | null>;
  /** Raises `membersVersion` and returns the room as it then is. */
  touchMembers(roomId: RoomId): Outcome<Room | null>;
}

export interface MembershipStore {
  /** Null when the person is not a present member. */
  find(roomId: RoomId, userId: UserId): Outcome<Membership | null>;
  /** Present members, sorted by joining. */
  listByRoom(roomId: RoomId): Outcome<Membership[]>;
  listByRooms(roomIds: readonly RoomId[]): Outcome<Membership[]>;
  listByUser(userId: UserId): Outcome<Membership[]>;
  /** Adds or brings back; idempotent. */
  add(member: {
    roomId: RoomId;
    userId: UserId;
    role: MemberRole;
    joinedSeq: number;
    now: number;
  }): Outcome<Membership>;
  /** Null when not a present member. */
  remove(roomId: RoomId, userId: UserId, at: number): Outcome<Membership | null>;
  setRole(roomId: RoomId, userId: UserId, role: MemberRole): Outcome<void>;
  /** Marks only grow ($max). Returns the marks as they then are, null for no present member. */
  mark(
    roomId: RoomId,
    userId: UserId,
    marks: { deliveredSeq?: number; readSeq?: number },
  ): Outcome<{ deliveredSeq: number; readSeq: number } | null>;
  /** Removed after `since`: asked once a second while Redis is down. */
  removedSince(since: number): Outcome<Membership[]>;
}

/** A member as the decisions about messages see them. */
export interface AudienceMember {
  userId: UserId;
  role: MemberRole;
  joinedSeq: number;
  /** The language in which this member reads this room. */
  language: Language;
  understands: readonly Language[];
}

/** Who is in a room and what they read. realtime keeps it in memory by `membersVersion`; web and workers read it. */
export interface RoomAudience {
  room: Room;
  members: ReadonlyMap<UserId, AudienceMember>;
}

export interface AudienceReader {
  /** Null for an unknown room. */
  of(roomId: RoomId): Outcome<RoomAudience | null>;
}

// ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NewMessage {
  messageId: MessageId;
  roomId: RoomId;
  senderId: UserId;
  clientId: ClientId;
  text: string;
  language: Language;
  sentAt: number;
  /** Languages into which it must be translated; becomes the message's pending work. */
  needs: readonly Language[];
}

/** The one way into a room's log: dense seqs, one insert in flight per room and process, idempotent by clientId. */
export interface RoomWriter {
  /**
   * Stored with majority and journal when it resolves. `repeated`: this clientId was stored before; `message` is that
   * one. `overloaded` after LIMITS.appendRoundsMax lost races or with a full queue; `unavailable`: nothing is known, the
   * caller may repeat.
   */
  append(message: NewMessage): Outcome<{ message: StoredMessage; repeated: boolean }>;
}

export interface UnloggedChange {
  changeId: ChangeId;
  kind: ChangeKind;
  language: Language | null;
  by: UserId | null;
  at: number;
}

/** How the translation of one message into one language ended, and the change that says so. */
export interface TranslationResult {
  roomId: RoomId;
  seq: number;
  /** Of the text that was translated. */
  revision: number;
  language: Language;
  translation: StoredTranslation;
  change: UnloggedChange;
}

/** Changes of a message that were logged and announced. */
export interface Settlement {
  roomId: RoomId;
  seq: number;
  changeIds: readonly ChangeId[];
}

/** A message with the work that is still owed to it. */
export interface PendingMessage {
  message: StoredMessage;
  needs: Language[];
  unlogged: UnloggedChange[];
  tries: number;
}

export interface MessageStore {
  heads(roomIds: readonly RoomId[]): Outcome<Map<RoomId, Cursor>>;
  /** The seq of the last message alone; 0 where there is none. */
  headOf(roomId: RoomId): Outcome<number>;
  find(roomId: RoomId, seq: number): Outcome<StoredMessage | null>;
  findMany(roomId: RoomId, seqs: readonly number[]): Outcome<StoredMessage[]>;
  /** Messages with `after` < seq < `before`, ascending; `newest` takes the page from the upper end. */
  page(query: {
    roomId: RoomId;
    after: number;
    before: number | null;
    limit: number;
    newest: boolean;
  }): Outcome<StoredMessage[]>;
  lastOf(roomIds: readonly RoomId[]): Outcome<Map<RoomId, StoredMessage>>;
  /** Log entries with `after` < seq, ascending. */
  changesAfter(roomId: RoomId, after: number, limit: number): Outcome<StoredChange[]>;

  // Each of these is ONE write to the message: the fields, version + 1, the change into `unlogged`, and dueAt.
  /** Null when the revision is not the stored one any more, or the message is deleted. */
  edit(edit: {
    roomId: RoomId;
    seq: number;
    revision: number;
    text: string;
    language: Language;
    needs: readonly Language[];
    change: UnloggedChange;
  }): Outcome<StoredMessage | null>;
  /** Removes text and translations; null when already deleted. */
  delete(deletion: { roomId: RoomId; seq: number; change: UnloggedChange }): Outcome<StoredMessage | null>;
  /**
   * Each filters on `{revision, not deleted, not done}` and clears its language's pending work. One outcome per result in the same
   * order: the message as it is after all of them, null for what came too late. All in one command; one that fails fails alone.
   */
  setTranslations(results: readonly TranslationResult[]): Promise<Result<StoredMessage | null, AppError>[]>;
  /** Marks as pending the messages that have no translation into `language` (or a failed or stale one); returns those. */
  requestTranslation(request: {
    roomId: RoomId;
    seqs: readonly number[];
    language: Language;
    now: number;
  }): Outcome<StoredMessage[]>;

  /** Appends to the room's change log (dense seq, idempotent by changeId). It stays in `unlogged` until it is settled. */
  logChange(roomId: RoomId, messageSeq: number, change: UnloggedChange): Outcome<StoredChange>;
  /**
   * Takes changes that were logged and announced out of `unlogged`, then drops `pending` and `dueAt` of each message that owes
   * nothing any more. All in one command.
   */
  settle(settlements: readonly Settlement[]): Outcome<void>;
  /** Claims one message whose `dueAt` has passed: `dueAt` = now + backoff, tries + 1. Null when none is due. */
  claimDue(now: number): Outcome<PendingMessage | null>;
}

// ── the rest of the world ──────────────────────────────────────────────────────────────────────────────────────────

export interface Announcer {
  /** Best effort and never throws: what is lost is found again by seq. */
  announce(announcement: Announcement): void;
}

export interface JobPublisher {
  /** Resolves when the broker has confirmed; `unavailable` or `timeout` otherwise. */
  publish<Name extends QueueName>(queue: Name, body: QueueBody<Name>): Outcome<void>;
  /** Best effort for work that is also pending in a document: what is lost here, the sweep publishes again. */
  offer<Name extends QueueName>(queue: Name, body: QueueBody<Name>): void;
}

export interface LanguageDetector {
  /** `null` when the text is too short or too mixed to tell. */
  detect(text: string): Language | null;
}

export interface PresenceReader {
  of(userIds: readonly UserId[]): Outcome<Presence[]>;
}

export interface Caller {
  userId: UserId;
  correlationId: CorrelationId;
}

/** Someone who is signed in, from one of their devices. */
export interface SessionCaller extends Caller {
  sessionId: SessionId;
}

// ── proving who one is ─────────────────────────────────────────────────────────────────────────────────────────────

export interface PasswordHasher {
  /** `overloaded` when too many are being hashed. */
  hash(password: string): Outcome<string>;
  /** For `null` (no such account) it does the same work and answers false. */
  verify(hash: string | null, password: string): Outcome<boolean>;
}

/** Asks the worker that knows the codes; `timeout` when it does not answer by `deadlineAt`. */
export interface CodeConfirmer {
  confirm(request: ConfirmEmailCodeRequest): Outcome<ConfirmEmailCodeReply>;
}

/** Numbers the mails of one registration. Counts ids that it has never seen as well, so that its answers tell nothing. */
export interface CodeSends {
  /** 2, 3 …; `resend_too_soon` (with `retryAfterMs`) or `rate_limited` when it is too early for another. */
  next(registrationId: UserId): Outcome<number>;
}
