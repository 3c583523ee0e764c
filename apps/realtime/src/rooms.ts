import type { RoomAnnouncement, StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Cursor } from "@ashchat/contracts/message";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { AudienceReader, Outcome, RoomStore } from "@ashchat/core/ports";
import type { AudienceLoader, HouseAudience } from "./audience-loader";
import { AudienceReads, changeProfile, type ProfileNews } from "./audience-reads";
import { inBackground, type OnError } from "./background";
import { Relevance } from "./fanout";
import type { NodeLimits } from "./limits";
import { Ring, type RingBudget } from "./ring";
import { RoomFeed, type FeedPorts, type LoggedChange } from "./room-feed";
import type { RoomLog } from "./room-log";

/**
 * The rooms that this node follows: those with local readers, and for `roomLingerMs` those that had some.
 * opening (followed; what is announced is kept) → open (heads and audience known, live) → closed. Nothing of a room is sent
 * before it is open.
 */
export interface LiveRoom {
  readonly roomId: RoomId;
  readonly feed: RoomFeed;
  readonly ring: Ring;
  readonly relevance: Relevance;
  /** Who was in the room when it was last read; kept in step with announcements. */
  audience: HouseAudience;
  /** The audience may have changed unseen: it is read again before it is used. */
  isStale: boolean;
  /** When the last local reader left, or null. */
  idleSince: number | null;
  /** When this node last announced something of this room. */
  wroteAt: number;
  /** The heads are known as they were then, or later. */
  auditedAt: number;
}

export interface RoomsDeps {
  readonly loader: AudienceLoader;
  readonly log: RoomLog;
  readonly rooms: Pick<RoomStore, "find">;
  readonly live: { watchRoom(roomId: RoomId): Promise<void>; unwatchRoom(roomId: RoomId): void };
  /** Whether anybody here reads this room. */
  hasReaders(roomId: RoomId): boolean;
  readonly limits: NodeLimits;
  readonly now: () => number;
  readonly later: FeedPorts["later"];
  readonly onError: OnError;
  readonly events: {
    message(room: LiveRoom, message: StoredMessage): void;
    change(room: LiveRoom, logged: LoggedChange): void;
    jump(room: LiveRoom): void;
    /** The audience was read again; `previous` is what was known before. */
    audience(room: LiveRoom, previous: HouseAudience): void;
  };
}

/** A room that is being opened, and what was heard of it meanwhile. */
interface Opening {
  readonly early: RoomAnnouncement[];
  readonly startedAt: number;
  /** Announcements were lost meanwhile. */
  isStale: boolean;
}

const NO_HEADS: Cursor = { seq: 0, changeSeq: 0 };

export class Rooms {
  readonly #deps: RoomsDeps;
  readonly #budget: RingBudget;
  readonly #open = new Map<RoomId, LiveRoom>();
  readonly #opening = new Map<RoomId, Opening & { readonly done: Outcome<LiveRoom> }>();
  /** Audiences that are being read; one read in flight per room. */
  readonly #reading = new Map<RoomId, Outcome<number>>();
  readonly #audiences: AudienceReads;
  readonly #byMember = new Map<UserId, Set<LiveRoom>>();

  constructor(deps: RoomsDeps) {
    this.#deps = deps;
    this.#audiences = new AudienceReads(deps.loader);
    this.#budget = { usedChars: 0, maxChars: deps.limits.ringCharsMax };
  }

  get size(): number {
    return this.#open.size;
  }

  get(roomId: RoomId): LiveRoom | undefined {
    return this.#open.get(roomId);
  }

  all(): IterableIterator<LiveRoom> {
    return this.#open.values();
  }

  isOpening(roomId: RoomId): boolean {
    return this.#opening.has(roomId);
  }

  /** Rooms that this node follows and in which the person is. */
  ofMember(userId: UserId): ReadonlySet<LiveRoom> | undefined {
    return this.#byMember.get(userId);
  }

  /** Follows these rooms and answers when they are open; unknown rooms are left out. */
  async openAll(roomIds: readonly RoomId[]): Outcome<LiveRoom[]> {
    const missing = roomIds.filter((roomId) => !this.#open.has(roomId) && !this.#opening.has(roomId));
    for (const roomId of roomIds) this.#lingerAnew(roomId);
    const portion = this.#deps.limits.auditRoomsPerReadMax;
    for (let from = 0; from < missing.length; from += portion) this.#startOpening(missing.slice(from, from + portion));
    const rooms: LiveRoom[] = [];
    for (const roomId of roomIds) {
      const room = await this.#whenOpen(roomId);
      if (room.ok) rooms.push(room.value);
      else if (room.error.code !== "not_found") return room;
    }
    return ok(rooms);
  }

  /** An announcement of this room, in whatever order. */
  offer(announcement: RoomAnnouncement): void {
    const room = this.#open.get(announcement.roomId);
    if (room === undefined) {
      const early = this.#opening.get(announcement.roomId)?.early;
      // What does not fit is found as a hole.
      if (early !== undefined && early.length < this.#deps.limits.heldAnnouncementsMax) early.push(announcement);
      return;
    }
    const { feed } = room;
    if (announcement.kind === "message") feed.offerMessage(announcement.message, announcement.membersVersion);
    if (announcement.kind === "heads") feed.noteHeads({ seq: announcement.head, changeSeq: announcement.changeHead });
    if (announcement.kind === "change") {
      feed.offerChange({ change: announcement.change, message: announcement.message }, announcement.membersVersion);
    }
  }

  /** The audience for whoever sends: from memory while the room is open. */
  readonly audience: AudienceReader = {
    of: async (roomId) => {
      const room = this.#open.get(roomId);
      if (room === undefined) return await this.#deps.loader.load(roomId);
      if (!room.isStale) return ok(room.audience);
      const read = await this.reload(room, 0);
      return read.ok ? ok(room.audience) : read;
    },
  };

  /**
   * Reads the audience again unless it is at least `atLeast` already. Returns the version that the readers now have: a list
   * that was read after somebody spoke of `atLeast` is at least that new.
   */
  async reload(room: LiveRoom, atLeast: number): Outcome<number> {
    const running = this.#reading.get(room.roomId);
    if (running !== undefined) await running;
    const { membersVersion } = room.audience.room;
    if (!room.isStale && membersVersion >= atLeast) return ok(membersVersion);
    // Another one that waited as well may have begun to read meanwhile, after `atLeast` was known.
    const read = await (this.#reading.get(room.roomId) ?? this.#startReading(room));
    return read.ok ? ok(Math.max(read.value, atLeast)) : read;
  }

  /** Somebody was removed: takes effect before the list is read again, and where it is just being read. */
  removeMember(room: LiveRoom, userId: UserId, membersVersion: number): void {
    room.audience.members.delete(userId);
    this.#forgetMember(room, userId);
    this.#audiences.noteRemoval(room.roomId, userId, membersVersion);
  }

  /** Somebody reads something else from now on, wherever they did not choose a language for the room. */
  setProfile(userId: UserId, profile: ProfileNews): void {
    for (const { audience } of this.#byMember.get(userId) ?? []) changeProfile(audience, userId, profile);
    this.#audiences.noteProfile(userId, profile);
  }

  /** Announcements were lost: every audience is read again, also of rooms that are just being opened. */
  readAgain(): void {
    for (const room of this.#open.values()) this.#readSoon(room);
    for (const opening of this.#opening.values()) opening.isStale = true;
  }

  /** Called after readers left: a room without any is closed after a while. */
  noteReaders(room: LiveRoom): void {
    if (this.#deps.hasReaders(room.roomId)) room.idleSince = null;
    else room.idleSince ??= this.#deps.now();
  }

  /** Closes the rooms that nobody here has read for `roomLingerMs`; beyond `roomsLingeringMax` those left longest ago at once. */
  closeIdle(): void {
    const { limits, now } = this.#deps;
    const idle = [...this.#open.values()].filter((room) => room.idleSince !== null);
    const excess = idle.length - limits.roomsLingeringMax;
    const before = now() - limits.roomLingerMs;
    if (excess > 0) idle.sort((left, right) => (left.idleSince ?? 0) - (right.idleSince ?? 0));
    idle.forEach((room, index) => {
      if (index < excess || (room.idleSince ?? 0) <= before) this.#close(room);
    });
  }

  closeAll(): void {
    for (const room of this.#open.values()) this.#close(room);
  }

  /** Who asks for the room needs a moment until they read it: it is not closed under them. */
  #lingerAnew(roomId: RoomId): void {
    const room = this.#open.get(roomId);
    if (room !== undefined && room.idleSince !== null) room.idleSince = this.#deps.now();
  }

  async #whenOpen(roomId: RoomId): Outcome<LiveRoom> {
    const room = this.#open.get(roomId);
    if (room !== undefined) return ok(room);
    return (await this.#opening.get(roomId)?.done) ?? noSuchRoom();
  }

  #startOpening(roomIds: readonly RoomId[]): void {
    const startedAt = this.#deps.now();
    const heads = this.#readHeadsOnceFollowed(roomIds);
    for (const roomId of roomIds) {
      const opening: Opening = { early: [], startedAt, isStale: false };
      const done = this.#openOne(roomId, heads, opening)
        .catch((error: unknown) => this.#openingFailed(roomId, error))
        .finally(() => this.#opening.delete(roomId));
      this.#opening.set(roomId, Object.assign(opening, { done }));
    }
  }

  /** Those who wait must get an answer, and who waits for several rooms never hears of those behind the first that failed. */
  #openingFailed(roomId: RoomId, error: unknown): Result<never> {
    this.#deps.onError(error, "opening a room");
    if (!this.#open.has(roomId)) this.#deps.live.unwatchRoom(roomId);
    return fail(appError("internal", "opening a room", { cause: error }));
  }

  async #readHeadsOnceFollowed(roomIds: readonly RoomId[]): Outcome<Map<RoomId, Cursor>> {
    await Promise.all(roomIds.map((roomId) => this.#deps.live.watchRoom(roomId)));
    return await this.#deps.log.headsOf(roomIds);
  }

  async #openOne(roomId: RoomId, reading: Outcome<Map<RoomId, Cursor>>, opening: Opening): Outcome<LiveRoom> {
    const heads = await reading;
    const audience = heads.ok ? await this.#audiences.read(roomId) : heads;
    if (!heads.ok || !audience.ok || audience.value === null) {
      this.#deps.live.unwatchRoom(roomId);
      if (!heads.ok) return heads;
      return audience.ok ? noSuchRoom() : fail(audience.error);
    }
    const head = heads.value.get(roomId) ?? NO_HEADS;
    const room = this.#newRoom(roomId, head, { audience: audience.value, auditedAt: opening.startedAt });
    this.#open.set(roomId, room);
    this.#indexMembers(room, null);
    room.feed.start(head, audience.value.room.membersVersion);
    for (const announcement of opening.early) this.offer(announcement);
    if (opening.isStale) this.#readSoon(room);
    return ok(room);
  }

  #newRoom(roomId: RoomId, heads: Cursor, read: Pick<LiveRoom, "audience" | "auditedAt">): LiveRoom {
    const room: LiveRoom = {
      roomId,
      feed: new RoomFeed(
        this.#feedPorts(() => room),
        this.#deps.limits,
      ),
      ring: new Ring(heads, this.#budget, this.#deps.limits),
      relevance: new Relevance(heads.changeSeq),
      ...read,
      isStale: false,
      idleSince: this.#deps.now(),
      wroteAt: 0,
    };
    return room;
  }

  #feedPorts(roomOf: () => LiveRoom): FeedPorts {
    const { log, events, later, onError } = this.#deps;
    return {
      later,
      onError,
      onMessage: (message) => {
        roomOf().ring.addMessage(message);
        events.message(roomOf(), message);
      },
      onChange: (logged) => {
        roomOf().ring.addChange(logged);
        events.change(roomOf(), logged);
      },
      onJump: () => {
        const { feed, ring, relevance } = roomOf();
        ring.clear({ seq: feed.head, changeSeq: feed.changeHead });
        relevance.reset(feed.changeHead);
        events.jump(roomOf());
      },
      readMessages: (after) => log.messagesAfter(roomOf().roomId, after),
      readChanges: (after) => log.changesAfter(roomOf().roomId, after),
      readHeads: async () => {
        const { roomId } = roomOf();
        const heads = await log.headsOf([roomId]);
        return heads.ok ? ok(heads.value.get(roomId) ?? NO_HEADS) : heads;
      },
      checkMembers: (atLeast) => this.#checkMembers(roomOf(), atLeast),
    };
  }

  async #checkMembers(room: LiveRoom, atLeast: number | null): Outcome<number> {
    if (atLeast !== null) return await this.reload(room, atLeast);
    const stored = await this.#deps.rooms.find(room.roomId);
    if (!stored.ok) return stored;
    return await this.reload(room, stored.value?.membersVersion ?? 0);
  }

  #startReading(room: LiveRoom): Outcome<number> {
    const read = this.#readAudience(room).finally(() => this.#reading.delete(room.roomId));
    this.#reading.set(room.roomId, read);
    return read;
  }

  async #readAudience(room: LiveRoom): Outcome<number> {
    room.isStale = false;
    const loaded = await this.#audiences.read(room.roomId);
    if (!loaded.ok || loaded.value === null) room.isStale = true;
    if (!loaded.ok) return loaded;
    if (loaded.value === null) return noSuchRoom();
    this.#setAudience(room, loaded.value);
    return ok(loaded.value.room.membersVersion);
  }

  #readSoon(room: LiveRoom): void {
    room.isStale = true;
    inBackground(this.reload(room, 0), "reading an audience", this.#deps.onError);
  }

  #setAudience(room: LiveRoom, audience: HouseAudience): void {
    const isOlder = audience.room.membersVersion < room.audience.room.membersVersion;
    if (this.#open.get(room.roomId) !== room || isOlder) return;
    const previous = room.audience;
    room.audience = audience;
    this.#indexMembers(room, previous);
    this.#deps.events.audience(room, previous);
    room.feed.membersChecked(audience.room.membersVersion);
  }

  #indexMembers(room: LiveRoom, previous: HouseAudience | null): void {
    const { members } = room.audience;
    for (const userId of previous?.members.keys() ?? []) if (!members.has(userId)) this.#forgetMember(room, userId);
    for (const userId of members.keys()) {
      const rooms = this.#byMember.get(userId);
      if (rooms === undefined) this.#byMember.set(userId, new Set([room]));
      else rooms.add(room);
    }
  }

  #forgetMember(room: LiveRoom, userId: UserId): void {
    const rooms = this.#byMember.get(userId);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#byMember.delete(userId);
  }

  #close(room: LiveRoom): void {
    if (!this.#open.delete(room.roomId)) return;
    room.feed.close();
    room.ring.clear(NO_HEADS);
    for (const userId of room.audience.members.keys()) this.#forgetMember(room, userId);
    this.#deps.live.unwatchRoom(room.roomId);
  }
}

function noSuchRoom(): Extract<Result<never>, { ok: false }> {
  return fail(appError("not_found", "no such room"));
}
