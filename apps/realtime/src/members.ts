import type { HouseAnnouncement } from "@ashchat/contracts/announcements";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import type { MembershipStore } from "@ashchat/core/ports";
import type { HouseAudience } from "./audience-loader";
import { inBackground, type OnError } from "./background";
import type { ChangedProfiles } from "./changed-profiles";
import type { Connection } from "./connection";
import { fanFrame } from "./fanout";
import type { NodeLimits } from "./limits";
import { encodeFrame } from "./outbox";
import type { Registry, Subscription } from "./registry";
import type { LiveRoom, Rooms } from "./rooms";

/**
 * Keeps subscriptions in step with memberships. A removal takes effect at once; then, and for everything else, the room's
 * audience is read again and compared with the subscriptions, so that a lost announcement is made good by the next one that
 * carries a newer version.
 */
export interface MembersDeps {
  readonly registry: Registry<Connection>;
  readonly rooms: Rooms;
  readonly memberships: Pick<MembershipStore, "listByUser">;
  readonly changedProfiles: Pick<ChangedProfiles, "heard">;
  readonly limits: NodeLimits;
  readonly onError: OnError;
}

type MembersAnnouncement = Extract<HouseAnnouncement, { kind: "members" }>;
type ProfileAnnouncement = Extract<HouseAnnouncement, { kind: "profile" }>;
/** The list is read again right after, whatever comes. */
const UNKNOWN_VERSION = Number.POSITIVE_INFINITY;

type RoomEvent = Extract<ServerFrame, { t: "room" }>["event"];

export type Members = ReturnType<typeof createMembers>;

export function createMembers(deps: MembersDeps) {
  const { registry, rooms } = deps;
  return {
    subscribe: (connection: Connection, room: LiveRoom) => subscribe(deps, connection, room),

    /** The person is gone from the room: from its list, and from its live sockets. */
    remove: (roomId: RoomId, userId: UserId) => removeMember(deps, { roomId, userId, membersVersion: UNKNOWN_VERSION }),

    /** After the room's audience has been read again. */
    audienceRead(room: LiveRoom, previous: HouseAudience): void {
      matchSubscriptions(deps, room);
      if (room.audience.room.membersVersion > previous.room.membersVersion) {
        fanFrame(registry.readersOf(room.roomId), roomFrame(room, "updated"));
      }
      for (const userId of room.audience.members.keys()) {
        if (!previous.members.has(userId)) joinUser(deps, room, userId);
      }
    },

    announced(announcement: MembersAnnouncement): void {
      inBackground(applyAnnouncement(deps, announcement), "a change of members", deps.onError);
    },

    /** A changed reading language counts from the next frame on. */
    profileChanged({ profile, understands }: ProfileAnnouncement): void {
      deps.changedProfiles.heard(profile);
      rooms.setProfile(profile.userId, { language: profile.language, understands });
      for (const connection of registry.ofUser(profile.userId) ?? []) {
        for (const subscription of registry.subscriptionsOf(connection)) {
          if (!subscription.isLanguageOwn) registry.setLanguage(subscription, profile.language, false);
        }
      }
      const frame = encodeFrame({ t: "profile", profile });
      for (const connection of acquaintancesOf(deps, profile.userId)) connection.push(frame);
    },

    acquaintancesOf: (userId: UserId, roomMembersMax?: number) => acquaintancesOf(deps, userId, roomMembersMax),

    /** Reads again which rooms the person is in, and subscribes and unsubscribes what differs. False where that failed. */
    sync: (connection: Connection) => sync(deps, connection),
  };
}

function subscribe(
  { registry, rooms }: MembersDeps,
  connection: Connection,
  room: LiveRoom,
): Subscription<Connection> | null {
  const userId = connection.signedIn?.userId;
  const member = userId === undefined ? undefined : room.audience.members.get(userId);
  if (member === undefined) return null;
  const { roomId } = room;
  if (rooms.get(roomId) !== room) {
    // Closed since it was opened for this connection: nothing would ever arrive here.
    connection.mustSync = true;
    return null;
  }
  const { joinedSeq, language, isLanguageOwn } = member;
  const subscription = registry.subscribe(connection, { roomId, joinedSeq, language, isLanguageOwn });
  if (subscription !== null) room.idleSince = null;
  return subscription;
}

async function applyAnnouncement(deps: MembersDeps, announcement: MembersAnnouncement): Promise<void> {
  const { roomId, membersVersion, added, removed } = announcement;
  const known = deps.rooms.get(roomId);
  // A late announcement of a removal must not remove somebody who is back.
  const isNews = known === undefined || known.isStale || known.audience.room.membersVersion < membersVersion;
  if (isNews) for (const userId of removed) removeMember(deps, { roomId, userId, membersVersion });
  for (const userId of [...added, ...removed]) markUnsynced(deps, userId);
  if (known === undefined && !added.some((userId) => deps.registry.ofUser(userId) !== undefined)) {
    if (!deps.rooms.isOpening(roomId)) return;
  }
  const opened = await deps.rooms.openAll([roomId]);
  const [room] = opened.ok ? opened.value : [];
  if (room === undefined) return;
  // A direct room is opened under the version that it begins with: somebody new may be missing under the same version.
  if (added.some((userId) => !room.audience.members.has(userId))) room.isStale = true;
  const read = await deps.rooms.reload(room, membersVersion);
  if (!read.ok) {
    // Read again with the next announcement, send or audit.
    room.isStale = true;
    return;
  }
  for (const userId of added) joinUser(deps, room, userId);
}

/** A connection that is just being signed in looks again when it is ready. */
function markUnsynced({ registry }: MembersDeps, userId: UserId): void {
  for (const connection of registry.ofUser(userId) ?? []) {
    if (connection.phase !== "ready") connection.mustSync = true;
  }
}

/** `membersVersion`: of the list in which they are gone. */
function removeMember(
  deps: MembersDeps,
  { roomId, userId, membersVersion }: { roomId: RoomId; userId: UserId; membersVersion: number },
): void {
  const { registry, rooms } = deps;
  const room = rooms.get(roomId);
  if (room !== undefined) rooms.removeMember(room, userId, membersVersion);
  for (const connection of registry.ofUser(userId) ?? []) {
    if (registry.unsubscribe(connection, roomId)) tellRemoved(connection, roomId, room);
  }
  if (room !== undefined) rooms.noteReaders(room);
}

function tellRemoved(connection: Connection, roomId: RoomId, room: LiveRoom | undefined): void {
  const membersVersion = room?.audience.room.membersVersion ?? 0;
  connection.send({ t: "room", roomId, event: "removed", membersVersion });
}

/** Every connection of a member that is not subscribed yet. */
function joinUser(deps: MembersDeps, room: LiveRoom, userId: UserId): void {
  for (const connection of deps.registry.ofUser(userId) ?? []) {
    if (connection.phase !== "ready") connection.mustSync = true;
    else if (deps.registry.subscription(connection, room.roomId) === undefined) joinConnection(deps, room, connection);
  }
}

function joinConnection(deps: MembersDeps, room: LiveRoom, connection: Connection): void {
  if (subscribe(deps, connection, room) !== null) connection.send(roomFrame(room, "added"));
}

function matchSubscriptions(deps: MembersDeps, room: LiveRoom): void {
  const { registry, rooms } = deps;
  const readers = registry.readersOf(room.roomId)?.byLanguage.values() ?? [];
  for (const subscription of [...readers].flatMap((subscriptions) => [...subscriptions])) {
    const { connection, userId } = subscription;
    const member = room.audience.members.get(userId);
    if (member === undefined) {
      registry.unsubscribe(connection, room.roomId);
      tellRemoved(connection, room.roomId, room);
    } else if (member.joinedSeq !== subscription.joinedSeq) {
      subscribe(deps, connection, room);
    } else if (member.language !== subscription.language || member.isLanguageOwn !== subscription.isLanguageOwn) {
      registry.setLanguage(subscription, member.language, member.isLanguageOwn);
    }
  }
  rooms.noteReaders(room);
}

async function sync(deps: MembersDeps, connection: Connection): Promise<boolean> {
  const { registry, rooms } = deps;
  const userId = connection.signedIn?.userId;
  if (userId === undefined) return false;
  connection.mustSync = false;
  const memberships = await deps.memberships.listByUser(userId);
  if (!memberships.ok) {
    deps.onError(memberships.error, "reading somebody's rooms again");
    return false;
  }
  const roomIds = memberships.value.map((membership) => membership.roomId).slice(0, deps.limits.roomsPerUserMax);
  const missing = roomIds.filter((roomId) => registry.subscription(connection, roomId) === undefined);
  const opened = await rooms.openAll(missing);
  for (const room of opened.ok ? opened.value : []) {
    // It may have been read before this person came.
    if (!room.audience.members.has(userId)) room.isStale = true;
    await rooms.audience.of(room.roomId);
    if (registry.subscription(connection, room.roomId) === undefined) joinConnection(deps, room, connection);
  }
  const still = new Set(roomIds);
  for (const { roomId } of registry.subscriptionsOf(connection)) {
    const room = rooms.get(roomId);
    if (still.has(roomId) || room === undefined) continue;
    // Gone, or joined since the list was read: the room's own list decides.
    room.isStale = true;
    await rooms.audience.of(roomId);
  }
  return opened.ok;
}

/** Connections of this person and of everybody who shares a room with them, each once. */
function acquaintancesOf(
  { registry, rooms }: MembersDeps,
  userId: UserId,
  roomMembersMax = Number.POSITIVE_INFINITY,
): Set<Connection> {
  const connections = new Set(registry.ofUser(userId));
  for (const room of rooms.ofMember(userId) ?? []) {
    if (room.audience.members.size > roomMembersMax) continue;
    for (const subscriptions of registry.readersOf(room.roomId)?.byLanguage.values() ?? []) {
      for (const { connection } of subscriptions) connections.add(connection);
    }
  }
  return connections;
}

function roomFrame(room: LiveRoom, event: RoomEvent): ServerFrame {
  return { t: "room", roomId: room.roomId, event, membersVersion: room.audience.room.membersVersion };
}
