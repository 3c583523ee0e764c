import { newClientId, newId, type UserId } from "@ashchat/contracts/ids";
import type { AppError } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";
import type { NewMessage, Profile, Room, UnloggedChange } from "@ashchat/core/ports";
import type { Stores } from "../connect";

/** The value of a Result that must be one; a failure ends the test with its code. */
export function must<Value>(result: Result<Value, AppError>): Value {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`, { cause: result.error.cause });
}

/** Somebody with an account and a profile. */
export async function makePerson(
  stores: Pick<Stores, "accounts" | "profiles">,
  overrides: Partial<Omit<Profile, "userId">> = {},
): Promise<Profile> {
  const userId = newId("usr");
  const unique = userId.slice(-8);
  const profile: Profile = {
    userId,
    tag: `ana-${unique}`,
    name: "Ana",
    about: "",
    language: "es",
    understands: [],
    lastSeenAt: null,
    ...overrides,
  };
  must(
    await stores.accounts.insert({
      userId,
      email: `${profile.tag}@example.org`,
      passwordHash: "no-hash",
      uiLanguage: "en",
      pendingProfile: null,
      createdAt: 1,
    }),
  );
  return must(await stores.profiles.create(profile));
}

/** A group of these people, or of two new ones; the first owns it. */
export async function makeGroup(
  stores: Pick<Stores, "accounts" | "profiles" | "rooms">,
  people: readonly UserId[] = [],
): Promise<{ room: Room; ownerId: UserId; memberIds: UserId[] }> {
  const [ownerId, ...memberIds] = people;
  if (ownerId === undefined) {
    const owner = await makePerson(stores, { language: "es" });
    const other = await makePerson(stores, { language: "en" });
    return makeGroup(stores, [owner.userId, other.userId]);
  }
  const room = must(
    await stores.rooms.createGroup({ roomId: newId("room"), title: "Group", ownerId, memberIds, now: 1 }),
  );
  return { room, ownerId, memberIds };
}

/** A message that nobody has stored yet; of a new sender in a new room unless said otherwise. */
export function newMessage(overrides: Partial<NewMessage> = {}): NewMessage {
  return {
    messageId: newId("msg"),
    roomId: newId("room"),
    senderId: newId("usr"),
    clientId: newClientId(),
    text: "hola",
    language: "es",
    sentAt: 1_000,
    needs: [],
    ...overrides,
  };
}

export function newChange(overrides: Partial<UnloggedChange> = {}): UnloggedChange {
  return { changeId: newId("chg"), kind: "edited", language: null, by: null, at: 2_000, ...overrides };
}
