import { appError, type AppError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type {
  AudienceMember,
  Membership,
  MembershipStore,
  Outcome,
  Profile,
  ProfileStore,
  Room,
  RoomAudience,
  RoomStore,
} from "@ashchat/core/ports";

import type { OnError } from "./background";

/**
 * Reads who is in a room and what they read. Rooms that are asked for in one turn of the event loop are read together, and
 * a room that is being read is not read twice, so a thousand people who come back at once cost a few queries.
 */
export interface HouseMember extends AudienceMember {
  /** The language was chosen for this room; the profile's does not matter here. */
  isLanguageOwn: boolean;
  /** As the profile has it; what Redis knows is newer. */
  lastSeenAt: number | null;
}

export interface HouseAudience extends RoomAudience {
  readonly members: Map<UserId, HouseMember>;
}

export interface AudienceLoader {
  /** Null for an unknown room. The room's version is read before its members, so they are at least that new. */
  load(roomId: RoomId): Outcome<HouseAudience | null>;
}

export interface AudienceStores {
  readonly rooms: Pick<RoomStore, "findMany">;
  readonly memberships: Pick<MembershipStore, "listByRooms">;
  readonly profiles: Pick<ProfileStore, "findMany">;
}

type Answer = Result<HouseAudience | null>;
type Answers = Result<Map<RoomId, HouseAudience>, AppError>;

const ROOMS_PER_READ_MAX = 100;

export function createAudienceLoader(stores: AudienceStores, onError: OnError): AudienceLoader {
  let asked = new Map<RoomId, ((answer: Answer) => void)[]>();

  async function readAll(): Promise<void> {
    const waiting = [...asked];
    asked = new Map();
    for (let from = 0; from < waiting.length; from += ROOMS_PER_READ_MAX) {
      const part = waiting.slice(from, from + ROOMS_PER_READ_MAX);
      const roomIds = part.map(([roomId]) => roomId);
      const read = await readAudiences(stores, roomIds).catch((error: unknown): Answers => {
        // Those who wait must get an answer.
        onError(error, "reading audiences");
        return fail(appError("internal", "reading audiences", { cause: error }));
      });
      for (const [roomId, answers] of part) {
        const answer: Answer = read.ok ? ok(read.value.get(roomId) ?? null) : read;
        for (const resolve of answers) resolve(answer);
      }
    }
  }

  return {
    load: (roomId) =>
      new Promise((resolve) => {
        if (asked.size === 0) setImmediate(() => void readAll());
        const others = asked.get(roomId);
        if (others === undefined) asked.set(roomId, [resolve]);
        else others.push(resolve);
      }),
  };
}

async function readAudiences(stores: AudienceStores, roomIds: readonly RoomId[]): Promise<Answers> {
  const rooms = await stores.rooms.findMany(roomIds);
  if (!rooms.ok) return rooms;
  const memberships = await stores.memberships.listByRooms(roomIds);
  if (!memberships.ok) return memberships;
  const profiles = await stores.profiles.findMany([...new Set(memberships.value.map((member) => member.userId))]);
  if (!profiles.ok) return profiles;

  const profileOf = new Map(profiles.value.map((profile) => [profile.userId, profile]));
  const audiences = new Map(rooms.value.map((room) => [room.roomId, emptyAudience(room)]));
  for (const membership of memberships.value) {
    const member = memberOf(membership, profileOf.get(membership.userId));
    if (member !== null) audiences.get(membership.roomId)?.members.set(membership.userId, member);
  }
  return ok(audiences);
}

function emptyAudience(room: Room): HouseAudience {
  return { room, members: new Map() };
}

/** A membership without a profile cannot be: a room is opened with people who have one. */
function memberOf(membership: Membership, profile: Profile | undefined): HouseMember | null {
  if (profile === undefined) return null;
  return {
    userId: membership.userId,
    role: membership.role,
    joinedSeq: membership.joinedSeq,
    language: membership.language ?? profile.language,
    understands: profile.understands,
    isLanguageOwn: membership.language !== null,
    lastSeenAt: profile.lastSeenAt,
  };
}
