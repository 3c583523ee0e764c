import { meSchema, roomOutputSchema, type Me } from "@ashchat/contracts/api";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { openVisitor, type Visitor } from "@ashchat/visitor/browser";
import { signUp } from "@ashchat/visitor/sign-up";
import { PASSWORD_CANARY, RUN_LANGUAGES, type RunLanguage } from "./texts";

export interface Person {
  email: string;
  name: string;
  language: RunLanguage;
  devices: number;
  me: Me;
  visitor: Visitor;
}

export interface Room {
  roomId: RoomId;
  members: readonly Person[];
}

export const PASSWORD = PASSWORD_CANARY;

/** Eight people with one to three devices. */
const PEOPLE = [
  { name: "Ada", devices: 1 },
  { name: "Bruno", devices: 2 },
  { name: "Carla", devices: 1 },
  { name: "Denis", devices: 2 },
  { name: "Elisa", devices: 3 },
  { name: "Felix", devices: 1 },
  { name: "Gina", devices: 2 },
  { name: "Hugo", devices: 1 },
] as const;
/** Indexes of their people; the first opens the room. Everybody is in at least two. */
const ROOMS = [
  [0, 1],
  [0, 1, 2],
  [3, 4, 5, 6],
  [1, 2, 4, 6, 7],
  [2, 3, 5, 7],
  [4, 0, 6],
] as const;

/** Where people and their devices reach the product. */
export interface Door {
  /** Origin of the pages. */
  baseUrl: string;
  /** Where the calls go: a proxy in front of the web process. */
  via: string;
  inboxUrl: string;
}

/** A browser gives a call up about then; the realtime client tries again. */
const CALL_TIMEOUT_MS = 8_000;

export function openDoor({ baseUrl, via }: Door): Visitor {
  return openVisitor({ baseUrl, via, timeoutMs: CALL_TIMEOUT_MS });
}

/** Signs all of them up, through the mails. */
export async function makePeople(door: Door): Promise<Person[]> {
  const made: Person[] = [];
  for (const [index, { name, devices }] of PEOPLE.entries()) {
    const visitor = openDoor(door);
    const language = RUN_LANGUAGES[index % RUN_LANGUAGES.length] ?? "en";
    const email = `${name.toLowerCase()}@people.test`;
    const me = await signUp(visitor, { email, password: PASSWORD, name, language }, door.inboxUrl);
    made.push({ email, name, language, devices, me, visitor });
  }
  return made;
}

export async function makeRooms(people: readonly Person[]): Promise<Room[]> {
  const rooms: Room[] = [];
  for (const [index, who] of ROOMS.entries()) {
    const members = who.flatMap((number) => people[number] ?? []);
    rooms.push({ roomId: await openRoom(members, `Room ${index + 1}`), members });
  }
  return rooms;
}

async function openRoom([owner, ...others]: readonly Person[], title: string): Promise<RoomId> {
  if (owner === undefined) throw new Error("a room needs people");
  const userIds: UserId[] = others.map((person) => person.me.profile.userId);
  const [only] = userIds;
  const opened =
    userIds.length === 1 && only !== undefined
      ? await owner.visitor.mutate("room.openDirect", { userId: only }, roomOutputSchema)
      : await owner.visitor.mutate("room.createGroup", { title, userIds }, roomOutputSchema);
  return opened.room.roomId;
}

/** Languages that are read in each room. */
export function needsOf(rooms: readonly Room[]): Map<RoomId, Language[]> {
  return new Map(rooms.map(({ roomId, members }) => [roomId, [...new Set(members.map((person) => person.language))]]));
}

/** Another device of the same person: its own session. */
export async function signInAgain(person: Person, door: Door): Promise<{ visitor: Visitor; me: Me }> {
  const visitor = openDoor(door);
  if (!(await visitor.signIn(person.email, PASSWORD))) throw new Error(`${person.name} could not sign in`);
  return { visitor, me: await visitor.query("account.me", undefined, meSchema) };
}
