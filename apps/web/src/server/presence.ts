import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Presence, RoomView } from "@ashchat/contracts/room";
import type { Services } from "./services";

/**
 * Who of these rooms' people is online, and when the others were here last. Best effort: without Redis nobody is shown as
 * online. Nobody is told about the members of large rooms.
 */
export async function presenceOf(
  { redis, database }: Pick<Services, "redis" | "database">,
  rooms: readonly RoomView[],
  readerId: UserId,
): Promise<Presence[]> {
  const people = othersIn(rooms, readerId);
  if (people.length === 0) return [];
  const states = await redis.presence.of(people);
  if (!states.ok) return [];
  const unknown = states.value.filter((state) => !state.online && state.lastSeenAt === null);
  if (unknown.length === 0) return states.value;
  const profiles = await database.stores.profiles.findMany(unknown.map((state) => state.userId));
  if (!profiles.ok) return states.value;
  const lastSeenAt = new Map(profiles.value.map((profile) => [profile.userId, profile.lastSeenAt]));
  return states.value.map((state) =>
    state.online || state.lastSeenAt !== null ? state : { ...state, lastSeenAt: lastSeenAt.get(state.userId) ?? null },
  );
}

function othersIn(rooms: readonly RoomView[], readerId: UserId): UserId[] {
  const people = new Set<UserId>();
  for (const { members } of rooms) {
    if (members.length > LIMITS.presenceRoomMembersMax) continue;
    for (const { userId } of members) if (userId !== readerId) people.add(userId);
  }
  return [...people].slice(0, LIMITS.presencePeopleMax);
}
