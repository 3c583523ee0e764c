import type { RoomAnnouncement } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { fail, ok } from "@ashchat/contracts/result";
import type { AudienceReader, MessageStore, Outcome, RoomStore } from "@ashchat/core/ports";
import type { AudienceLoader, HouseAudience } from "./audience-loader";
import { Relevance } from "./fanout";
import type { Gate } from "./gate";
import type { NodeLimits } from "./limits";
import { Ring, type RingBudget } from "./ring";
import { RoomFeed, type FeedPorts, type LoggedChange } from "./room-feed";

/**
 * The rooms that this node follows: those with local readers, and for `roomLingerMs` those that had some.
 * opening (followed, held) → open (heads and audience known, live) → closed. Nothing of a room is sent before it is open.
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
  auditedAt: number;
}

export interface RoomsDeps {
  readonly loader: AudienceLoader;
  readonly stores: {
    readonly messages: Pick<MessageStore, "heads" | "page" | "changesAfter" | "findMany">;
    readonly rooms: Pick<RoomStore, "find">;
  };
  readonly live: { watchRoom(roomId: RoomId): Promise<void>; unwatchRoom(roomId: RoomId): void };
  /** Whether anybody here reads this room. */
  hasReaders(roomId: RoomId): boolean;
  readonly gapGate: Gate;
  readonly limits: NodeLimits;
  readonly now: () => number;
  readonly later: FeedPorts["later"];
  readonly events: {
    message(room: LiveRoom, message: Parameters<FeedPorts["onMessage"]>[0]): void;
    change(room: LiveRoom, logged: LoggedChange): void;
    jump(room: LiveRoom): void;
    /** The audience was read again; `previous` is what was known before. */
    audience(room: LiveRoom, previous: HouseAudience): void;
    gapRead(): void;
  };
}

interface Opening {
  readonly done: Outcome<LiveRoom>;
  readonly early: RoomAnnouncement[];
}

const NO_HEADS = { seq: 0, changeSeq: 0 };

export type Rooms = ReturnType<typeof createRooms>;

export function createRooms(deps: RoomsDeps) {
  const { limits, stores, loader } = deps;
  const open = new Map<RoomId, LiveRoom>();
  const opening = new Map<RoomId, Opening>();
  const reading = new Map<RoomId, Outcome<number>>();
  const byMember = new Map<UserId, Set<LiveRoom>>();
  const budget: RingBudget = { usedChars: 0, maxChars: limits.ringCharsMax };

  /** Follows these rooms and answers when they are live; unknown rooms are left out. */
  async function openAll(roomIds: readonly RoomId[]): Outcome<LiveRoom[]> {
    const missing = roomIds.filter((roomId) => !open.has(roomId) && !opening.has(roomId));
    for (let from = 0; from < missing.length; from += limits.auditRoomsPerReadMax) {
      startOpening(missing.slice(from, from + limits.auditRoomsPerReadMax));
    }
    const rooms: LiveRoom[] = [];
    for (const roomId of roomIds) {
      const room = open.get(roomId) ?? (await opening.get(roomId)?.done);
      if (room === undefined) continue;
      if (!("ok" in room)) rooms.push(room);
      else if (room.ok) rooms.push(room.value);
      else if (room.error.code !== "not_found") return room;
    }
    return ok(rooms);
  }

  function startOpening(roomIds: readonly RoomId[]): void {
    const heads = readHeadsOnceFollowed(roomIds);
    for (const roomId of roomIds) {
      const early: RoomAnnouncement[] = [];
      const done = openOne(roomId, heads, early).finally(() => opening.delete(roomId));
      opening.set(roomId, { done, early });
    }
  }

  async function readHeadsOnceFollowed(roomIds: readonly RoomId[]): ReturnType<MessageStore["heads"]> {
    await Promise.all(roomIds.map((roomId) => deps.live.watchRoom(roomId)));
    return await stores.messages.heads(roomIds);
  }

  async function openOne(
    roomId: RoomId,
    heads: ReturnType<MessageStore["heads"]>,
    early: readonly RoomAnnouncement[],
  ): Outcome<LiveRoom> {
    const head = await heads;
    const audience = head.ok ? await loader.load(roomId) : head;
    if (!head.ok || !audience.ok || audience.value === null) {
      deps.live.unwatchRoom(roomId);
      if (!head.ok) return head;
      return audience.ok ? fail(appError("not_found", "no such room")) : fail(audience.error);
    }
    const room = newRoom(roomId, head.value.get(roomId) ?? NO_HEADS, audience.value);
    open.set(roomId, room);
    indexMembers(room, new Map(), room.audience.members);
    room.feed.start(head.value.get(roomId) ?? NO_HEADS, audience.value.room.membersVersion);
    for (const announcement of early) offer(announcement);
    return ok(room);
  }

  function newRoom(roomId: RoomId, heads: typeof NO_HEADS, audience: HouseAudience): LiveRoom {
    const now = deps.now();
    const room: LiveRoom = {
      roomId,
      feed: new RoomFeed(feedPorts(() => room), limits),
      ring: new Ring(heads, budget, limits),
      relevance: new Relevance(heads.changeSeq),
      audience,
      isStale: false,
      idleSince: now,
      wroteAt: 0,
      auditedAt: now,
    };
    return room;
  }

  function feedPorts(room: () => LiveRoom): FeedPorts {
    const { messages } = stores;
    return {
      onMessage(message) {
        room().ring.addMessage(message);
        deps.events.message(room(), message);
      },
      onChange(logged) {
        room().ring.addChange(logged);
        deps.events.change(room(), logged);
      },
      onJump() {
        const { feed, ring, relevance } = room();
        ring.clear({ seq: feed.head, changeSeq: feed.changeHead });
        relevance.reset(feed.changeHead);
        deps.events.jump(room());
      },
      readMessages: (after) =>
        deps.gapGate.run(() => {
          deps.events.gapRead();
          const { roomId } = room();
          return messages.page({ roomId, after, before: null, limit: limits.gapReadMessages, newest: false });
        }),
      readChanges: (after) => deps.gapGate.run(() => readChanges(room().roomId, after)),
      readHeads: async () => {
        const { roomId } = room();
        const heads = await messages.heads([roomId]);
        return heads.ok ? ok(heads.value.get(roomId) ?? NO_HEADS) : heads;
      },
      checkMembers: (atLeast) => checkMembers(room(), atLeast),
      later: deps.later,
    };
  }

  async function readChanges(roomId: RoomId, after: number): Outcome<LoggedChange[]> {
    const changes = await stores.messages.changesAfter(roomId, after, limits.gapReadMessages);
    if (!changes.ok) return changes;
    const seqs = [...new Set(changes.value.map((change) => change.messageSeq))];
    const found = seqs.length === 0 ? ok([]) : await stores.messages.findMany(roomId, seqs);
    if (!found.ok) return found;
    const bySeq = new Map(found.value.map((message) => [message.seq, message]));
    return ok(
      changes.value.flatMap((change) => {
        const message = bySeq.get(change.messageSeq);
        return message === undefined ? [] : [{ change, message }];
      }),
    );
  }

  async function checkMembers(room: LiveRoom, atLeast: number | null): Outcome<number> {
    if (atLeast !== null) return await reload(room, atLeast);
    const stored = await stores.rooms.find(room.roomId);
    if (!stored.ok) return stored;
    return await reload(room, stored.value?.membersVersion ?? 0);
  }

  /**
   * Reads the audience again unless it is at least `atLeast` already; one read in flight per room. Returns the version
   * that the readers now have: a list that was read after somebody spoke of `atLeast` is at least that new.
   */
  async function reload(room: LiveRoom, atLeast: number): Outcome<number> {
    const running = reading.get(room.roomId);
    if (running !== undefined) await running;
    if (!room.isStale && room.audience.room.membersVersion >= atLeast) return ok(room.audience.room.membersVersion);
    // Another one that waited as well may have begun to read meanwhile, after `atLeast` was known.
    const again = reading.get(room.roomId) ?? readAudience(room);
    const read = await again;
    return read.ok ? ok(Math.max(read.value, atLeast)) : read;
  }

  function readAudience(room: LiveRoom): Outcome<number> {
    const read = (async (): Outcome<number> => {
      room.isStale = false;
      const loaded = await loader.load(room.roomId);
      if (!loaded.ok || loaded.value === null) room.isStale = true;
      if (!loaded.ok) return loaded;
      if (loaded.value === null) return fail(appError("not_found", "no such room"));
      setAudience(room, loaded.value);
      return ok(loaded.value.room.membersVersion);
    })().finally(() => reading.delete(room.roomId));
    reading.set(room.roomId, read);
    return read;
  }

  function setAudience(room: LiveRoom, audience: HouseAudience): void {
    if (open.get(room.roomId) !== room || audience.room.membersVersion < room.audience.room.membersVersion) return;
    const previous = room.audience;
    room.audience = audience;
    indexMembers(room, previous.members, audience.members);
    deps.events.audience(room, previous);
    room.feed.membersChecked(audience.room.membersVersion);
  }

  function indexMembers(room: LiveRoom, before: Iterable<readonly [UserId, unknown]>, after: HouseAudience["members"]): void {
    for (const [userId] of before) if (!after.has(userId)) forgetMember(room, userId);
    for (const userId of after.keys()) {
      const rooms = byMember.get(userId);
      if (rooms === undefined) byMember.set(userId, new Set([room]));
      else rooms.add(room);
    }
  }

  function forgetMember(room: LiveRoom, userId: UserId): void {
    const rooms = byMember.get(userId);
    rooms?.delete(room);
    if (rooms?.size === 0) byMember.delete(userId);
  }

  function offer(announcement: RoomAnnouncement): void {
    const room = open.get(announcement.roomId);
    if (room === undefined) {
      const early = opening.get(announcement.roomId)?.early;
      // What does not fit is found as a hole.
      if (early !== undefined && early.length < limits.heldAnnouncementsMax) early.push(announcement);
      return;
    }
    const { feed } = room;
    if (announcement.kind === "message") feed.offerMessage(announcement.message, announcement.membersVersion);
    if (announcement.kind === "heads") feed.noteHeads({ seq: announcement.head, changeSeq: announcement.changeHead });
    if (announcement.kind === "change") {
      feed.offerChange({ change: announcement.change, message: announcement.message }, announcement.membersVersion);
    }
  }

  function close(room: LiveRoom): void {
    if (!open.delete(room.roomId)) return;
    room.feed.close();
    room.ring.clear(NO_HEADS);
    for (const userId of room.audience.members.keys()) forgetMember(room, userId);
    deps.live.unwatchRoom(room.roomId);
  }

  const audience: AudienceReader = {
    async of(roomId) {
      const room = open.get(roomId);
      if (room === undefined) return await loader.load(roomId);
      if (!room.isStale) return ok(room.audience);
      const read = await reload(room, 0);
      return read.ok ? ok(room.audience) : read;
    },
  };

  return {
    openAll,
    get: (roomId: RoomId): LiveRoom | undefined => open.get(roomId),
    all: (): IterableIterator<LiveRoom> => open.values(),
    /** Rooms that this node follows and in which the person is. */
    ofMember: (userId: UserId): ReadonlySet<LiveRoom> | undefined => byMember.get(userId),
    isOpening: (roomId: RoomId): boolean => opening.has(roomId),
    offer,
    reload,
    /** Called after readers left: a room without any is closed after a while. */
    noteReaders(room: LiveRoom): void {
      if (deps.hasReaders(room.roomId)) room.idleSince = null;
      else room.idleSince ??= deps.now();
    },
    /** Somebody was removed: takes effect before the list is read again. */
    removeMember(room: LiveRoom, userId: UserId): void {
      room.audience.members.delete(userId);
      forgetMember(room, userId);
    },
    /** Closes the rooms that nobody here has read for `roomLingerMs`; beyond `roomsLingeringMax` at once. */
    closeIdle(): void {
      const idle = [...open.values()].filter((room) => room.idleSince !== null);
      const excess = idle.length - limits.roomsLingeringMax;
      const before = deps.now() - limits.roomLingerMs;
      idle.forEach((room, index) => {
        if (index < excess || (room.idleSince ?? 0) <= before) close(room);
      });
    },
    closeAll(): void {
      for (const room of open.values()) close(room);
    },
    audience,
  };
}
