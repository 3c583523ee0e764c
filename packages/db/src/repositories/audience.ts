import type { UserId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import type {
  AudienceMember,
  AudienceReader,
  Membership,
  MembershipStore,
  Profile,
  ProfileStore,
  RoomStore,
} from "@ashchat/core/ports";

/** Reads a room's audience afresh each time; realtime keeps it in memory by `membersVersion`. */
export function createAudienceReader(stores: {
  rooms: Pick<RoomStore, "find">;
  memberships: Pick<MembershipStore, "listByRoom">;
  profiles: Pick<ProfileStore, "findMany">;
}): AudienceReader {
  return {
    async of(roomId) {
      // The version before the members: it is raised after the member list was written, so the list read here is at least as
      // new as the version under which it will be remembered.
      const room = await stores.rooms.find(roomId);
      if (!room.ok) return room;
      if (room.value === null) return ok(null);
      const memberships = await stores.memberships.listByRoom(roomId);
      if (!memberships.ok) return memberships;
      const profiles = await stores.profiles.findMany(memberships.value.map((membership) => membership.userId));
      if (!profiles.ok) return profiles;
      return ok({ room: room.value, members: membersOf(memberships.value, profiles.value) });
    },
  };
}

function membersOf(memberships: readonly Membership[], profiles: readonly Profile[]): Map<UserId, AudienceMember> {
  const people = new Map(profiles.map((profile) => [profile.userId, profile]));
  const members = new Map<UserId, AudienceMember>();
  for (const { userId, role, joinedSeq, language } of memberships) {
    const profile = people.get(userId);
    if (profile === undefined) continue;
    const { understands } = profile;
    members.set(userId, { userId, role, joinedSeq, language: language ?? profile.language, understands });
  }
  return members;
}
