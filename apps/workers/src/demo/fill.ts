import { createHash } from "node:crypto";
import type { AppError } from "@ashchat/contracts/errors";
import { clientIdSchema, newId, type RandomBytes, type RoomId, type UserId } from "@ashchat/contracts/ids";
import { uiLanguageFor } from "@ashchat/contracts/languages";
import type { Result } from "@ashchat/contracts/result";
import { ensureProfile } from "@ashchat/core/account/ensure-profile";
import { sendMessage } from "@ashchat/core/conversation/send-message";
import type { Announcer, Caller, Clock, JobPublisher, LanguageDetector } from "@ashchat/core/ports";
import { createGroup } from "@ashchat/core/rooms/create-group";
import { openDirect } from "@ashchat/core/rooms/open-direct";
import type { Database } from "@ashchat/db/connect";
import {
  DEMO_PEOPLE,
  DIRECT_LINES,
  GROUP_LINES,
  GROUP_TITLE,
  type DemoLine,
  type DemoName,
  type DemoPerson,
} from "./people";

export interface DemoDeps {
  database: Database;
  announcer: Announcer;
  publisher: JobPublisher;
  detector: LanguageDetector;
  clock: Clock;
  randomBytes: RandomBytes;
  passwordHash: string;
}

const CORRELATION_ID = "demo-conversation";

/** Makes the people and their conversations through the same use cases as everybody else. Repeated, it adds nothing. */
export async function fillDemo(deps: DemoDeps): Promise<void> {
  const ids = new Map<DemoName, UserId>();
  for (const person of DEMO_PEOPLE) ids.set(person.key, await ensurePerson(deps, person));
  const idOf = (name: DemoName): UserId => ids.get(name) ?? missing(name);
  await talk(deps, { roomId: await openDirectRoom(deps, idOf("ben"), idOf("ana")), lines: DIRECT_LINES, idOf });
  await talk(deps, { roomId: await ensureGroup(deps, idOf), lines: GROUP_LINES, idOf });
}

async function ensurePerson(deps: DemoDeps, person: DemoPerson): Promise<UserId> {
  const { accounts, profiles } = deps.database.stores;
  const known = valueOf(await accounts.findByEmail(person.email));
  const { email, name, language, about } = person;
  const account =
    known ??
    valueOf(
      await accounts.insert({
        userId: newId("usr", deps.randomBytes),
        email,
        passwordHash: deps.passwordHash,
        uiLanguage: uiLanguageFor(language),
        pendingProfile: { name, language },
        createdAt: deps.clock.now(),
      }),
    );
  valueOf(await ensureProfile({ accounts, profiles, randomBytes: deps.randomBytes }, { userId: account.userId }));
  if (known === null) valueOf(await profiles.update(account.userId, { about }, deps.clock.now()));
  return account.userId;
}

async function openDirectRoom(deps: DemoDeps, userId: UserId, otherId: UserId): Promise<RoomId> {
  return valueOf(await openDirect(roomDeps(deps), callerOf(userId), { userId: otherId })).roomId;
}

async function ensureGroup(deps: DemoDeps, idOf: (name: DemoName) => UserId): Promise<RoomId> {
  const { memberships, rooms } = deps.database.stores;
  const owner = idOf("chloe");
  const mine = valueOf(await memberships.listByUser(owner));
  const known = valueOf(await rooms.findMany(mine.map(({ roomId }) => roomId))).find(
    ({ title }) => title === GROUP_TITLE,
  );
  if (known !== undefined) return known.roomId;
  const input = { title: GROUP_TITLE, userIds: (["joao", "ana", "ben"] as const).map(idOf) };
  return valueOf(
    await createGroup({ ...roomDeps(deps), newRoomId: () => newId("room", deps.randomBytes) }, callerOf(owner), input),
  ).roomId;
}

async function talk(
  deps: DemoDeps,
  { roomId, lines, idOf }: { roomId: RoomId; lines: readonly DemoLine[]; idOf: (name: DemoName) => UserId },
): Promise<void> {
  const { database, announcer, publisher, detector, clock, randomBytes } = deps;
  const sending = {
    audience: database.audience,
    writer: database.stores.writer,
    announcer,
    publisher,
    detector,
    clock,
    newMessageId: () => newId("msg", randomBytes),
  };
  for (const [index, { by, text }] of lines.entries()) {
    valueOf(await sendMessage(sending, callerOf(idOf(by)), { roomId, clientId: clientIdOf(roomId, index), text }));
  }
}

/** The same line has the same id in every run, so a second run repeats what is there instead of adding to it. */
function clientIdOf(roomId: RoomId, index: number) {
  return clientIdSchema.parse(createHash("sha256").update(`${roomId} ${index}`).digest("hex").slice(0, 32));
}

function roomDeps({ database, announcer, clock }: DemoDeps) {
  return { ...database.stores, announcer, clock };
}

function callerOf(userId: UserId): Caller {
  return { userId, correlationId: CORRELATION_ID };
}

function valueOf<Value>(result: Result<Value, AppError>): Value {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`, { cause: result.error.cause });
}

function missing(name: DemoName): never {
  throw new Error(`nobody is called ${name}`);
}
