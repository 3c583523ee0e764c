import type { Announcement, RoomAnnouncement } from "@ashchat/contracts/announcements";
import type { RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import type { Presence } from "@ashchat/contracts/room";
import { viewProfile } from "@ashchat/core/account/profile";
import type { Announcer, MembershipStore } from "@ashchat/core/ports";
import { inBackground, type OnError } from "./background";
import type { ChangedProfiles } from "./changed-profiles";
import type { Connection } from "./connection";
import { fanFrame } from "./fanout";
import type { NodeLimits } from "./limits";
import type { Members } from "./members";
import { encodeFrame } from "./outbox";
import type { LiveBus } from "./ports";
import type { ReceiptFanout } from "./receipt-fanout";
import type { Registry } from "./registry";
import type { Rooms } from "./rooms";

/**
 * Where announcements meet this node. Its own go to the local readers first and then to the other processes; those of
 * others come in by `deliver` alone, so nothing goes round twice.
 */
export interface HubDeps {
  readonly registry: Registry<Connection>;
  readonly rooms: Rooms;
  readonly members: Members;
  readonly changedProfiles: Pick<ChangedProfiles, "missedSince">;
  readonly receiptFanout: Pick<ReceiptFanout, "hear">;
  readonly memberships: Pick<MembershipStore, "listByRooms">;
  readonly bus: Pick<LiveBus, "announcer">;
  readonly limits: NodeLimits;
  readonly now: () => number;
  readonly onError: OnError;
}

export interface Hub {
  readonly announcer: Announcer;
  deliver(announcement: Announcement): void;
  cutSession(sessionId: SessionId): void;
  removeMember(roomId: RoomId, userId: UserId): void;
  /** Announcements were lost since: everything that they could have said is read again. */
  readAgain(connections: Iterable<Connection>, lostSince: number): void;
}

export function createHub(deps: HubDeps): Hub {
  const { registry, rooms, members } = deps;

  function deliver(announcement: Announcement): void {
    switch (announcement.kind) {
      case "message":
      case "change":
      case "heads":
        rooms.offer(announcement);
        return;
      case "receipt":
        deps.receiptFanout.hear(announcement);
        return;
      case "typing":
        deliverTyping(deps, announcement);
        return;
      case "members":
        members.announced(announcement);
        return;
      case "profile":
        members.profileChanged(announcement);
        return;
      case "session_revoked":
        cutSession(announcement.sessionId);
        return;
      case "presence":
        deliverPresence(deps, announcement.presence);
        return;
    }
  }

  function cutSession(sessionId: SessionId): void {
    for (const connection of registry.ofSession(sessionId) ?? []) connection.close("signedOut");
  }

  return {
    announcer: {
      announce(announcement) {
        if (announcement.kind === "message" || announcement.kind === "change") {
          const room = rooms.get(announcement.roomId);
          if (room !== undefined) room.wroteAt = deps.now();
        }
        deliver(announcement);
        deps.bus.announcer.announce(announcement);
      },
    },
    deliver,
    cutSession,
    removeMember(roomId, userId) {
      const room = rooms.get(roomId);
      if (room?.audience.members.has(userId) !== true) return;
      members.remove(roomId, userId);
      room.isStale = true;
      inBackground(rooms.reload(room, 0), "reading an audience", deps.onError);
    },
    readAgain(connections, lostSince) {
      rooms.readAgain();
      inBackground(tellChangedProfiles(deps, lostSince), "telling changed profiles", deps.onError);
      inBackground(tellMarks(deps), "telling marks", deps.onError);
      inBackground(syncAll(members, [...connections]), "reading rooms again", deps.onError);
    },
  };
}

async function tellChangedProfiles({ changedProfiles, members }: HubDeps, since: number): Promise<void> {
  for (const profile of await changedProfiles.missedSince(since)) {
    members.profileChanged({ kind: "profile", profile: viewProfile(profile), understands: profile.understands });
  }
}

/** Marks are in no log either; a device keeps the newest that it heard. */
async function tellMarks({ registry, rooms, memberships, receiptFanout, limits, onError }: HubDeps): Promise<void> {
  const read = [...rooms.all()]
    .map(({ roomId }) => roomId)
    .filter((roomId) => registry.readersOf(roomId) !== undefined);
  for (let from = 0; from < read.length; from += limits.auditRoomsPerReadMax) {
    const found = await memberships.listByRooms(read.slice(from, from + limits.auditRoomsPerReadMax));
    if (!found.ok) return onError(found.error, "reading marks again");
    for (const { roomId, userId, deliveredSeq, readSeq } of found.value) {
      if (deliveredSeq > 0) receiptFanout.hear({ roomId, userId, deliveredSeq, readSeq });
    }
  }
}

/** One after the other: nobody waits for it, and the database has other things to do. */
async function syncAll(members: Members, connections: readonly Connection[]): Promise<void> {
  for (const connection of connections) {
    if (connection.phase === "ready") await members.sync(connection);
  }
}

function deliverTyping({ registry }: HubDeps, { roomId, userId }: Extract<RoomAnnouncement, { kind: "typing" }>): void {
  const frame: ServerFrame = { t: "typing", roomId, userId };
  fanFrame(registry.readersOf(roomId), frame, { exceptUserId: userId, isEphemeral: true });
}

function deliverPresence({ registry, members, limits }: HubDeps, presence: Presence): void {
  const frame = encodeFrame({ t: "presence", presence });
  const own = registry.ofUser(presence.userId);
  for (const connection of members.acquaintancesOf(presence.userId, limits.presenceRoomMembersMax)) {
    if (own?.has(connection) !== true) connection.pushEphemeral(frame);
  }
}
