import type { AppError } from "@ashchat/contracts/errors";
import type { RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION, type ReadyFrame } from "@ashchat/contracts/realtime";
import type { Presence } from "@ashchat/contracts/room";
import type { Membership, MembershipStore, SessionStore } from "@ashchat/core/ports";
import type { ChangedProfiles, Look } from "./changed-profiles";
import type { CloseReason, Connection } from "./connection";
import type { Gate } from "./gate";
import type { NodeLimits } from "./limits";
import type { Members } from "./members";
import type { Tickets } from "./ports";
import type { Registry } from "./registry";
import type { LiveRoom, Rooms } from "./rooms";

/**
 * From `auth` to `ready`: ticket → registered (so that revocations reach it from now on) → session → rooms followed →
 * subscribed and `ready` in one step. The ticket is used up by the first step; whoever fails later fetches another.
 */
export interface AuthenticateDeps {
  readonly registry: Registry<Connection>;
  readonly rooms: Rooms;
  readonly members: Members;
  readonly tickets: Tickets;
  readonly sessions: Pick<SessionStore, "find">;
  readonly memberships: Pick<MembershipStore, "listByUser">;
  readonly changedProfiles: Pick<ChangedProfiles, "look">;
  readonly gate: Gate;
  readonly limits: NodeLimits;
  readonly now: () => number;
  presenceOf(userIds: readonly UserId[]): Promise<Presence[]>;
  onReady(userId: UserId): void;
  /** Called before the connection is registered under its person. */
  onSignedIn(connection: Connection, userId: UserId): void;
  onError(error: AppError, what: string): void;
}

interface Identity {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

export async function authenticate(deps: AuthenticateDeps, connection: Connection, ticket: string): Promise<void> {
  connection.startChecking();
  const redeemed = await deps.tickets.redeemTicket(ticket);
  if (connection.isClosed) return;
  if (!redeemed.ok) {
    deps.onError(redeemed.error, "redeeming a ticket");
    connection.close("overloaded");
    return;
  }
  if (redeemed.value === null) {
    connection.close("ticketRefused");
    return;
  }
  const identity = redeemed.value;
  register(deps, connection, identity);
  const refusal = await deps.gate.run(async () => {
    const look = deps.changedProfiles.look();
    return await admit(deps, connection, { ...identity, look }).finally(look.end);
  });
  if (refusal !== null) connection.close(refusal);
  else if (connection.mustSync && !connection.isClosed) await deps.members.sync(connection);
}

function register(
  { registry, limits, onSignedIn }: AuthenticateDeps,
  connection: Connection,
  identity: Identity,
): void {
  const others = [...(registry.ofUser(identity.userId) ?? [])];
  // A set keeps the order of arrival: the oldest gives way.
  for (const oldest of others.slice(0, Math.max(0, others.length + 1 - limits.connectionsPerUserMax))) {
    oldest.close("replaced");
  }
  connection.signIn({ ...identity, expiresAt: Number.POSITIVE_INFINITY });
  onSignedIn(connection, identity.userId);
  registry.add(connection, identity);
}

async function admit(
  deps: AuthenticateDeps,
  connection: Connection,
  { look, ...identity }: Identity & { look: Look },
): Promise<CloseReason | null> {
  const session = await deps.sessions.find(identity.sessionId);
  if (connection.isClosed) return null;
  if (!session.ok) return fault(deps, session.error, "reading a session");
  const isLive =
    session.value !== null &&
    session.value.userId === identity.userId &&
    session.value.revokedAt === null &&
    session.value.expiresAt > deps.now();
  if (session.value === null || !isLive) return "signedOut";
  connection.signIn({ ...identity, expiresAt: session.value.expiresAt });

  const memberships = await deps.memberships.listByUser(identity.userId);
  if (!memberships.ok) return fault(deps, memberships.error, "reading somebody's rooms");
  const mine = new Map(memberships.value.slice(0, deps.limits.roomsPerUserMax).map((own) => [own.roomId, own]));
  const rooms = await openRooms(deps, identity.userId, [...mine.keys()]);
  if (rooms === null) return "overloaded";
  const presence = await presenceIn(deps, rooms, identity.userId);
  await look.done;
  if (!connection.isClosed) becomeReady(deps, connection, { identity, rooms, mine, presence, look });
  return null;
}

/** Follows the rooms; an audience that does not know the person yet is read again. */
async function openRooms(
  deps: AuthenticateDeps,
  userId: UserId,
  roomIds: readonly RoomId[],
): Promise<LiveRoom[] | null> {
  const opened = await deps.rooms.openAll(roomIds);
  if (!opened.ok) {
    deps.onError(opened.error, "opening rooms");
    return null;
  }
  const unaware = opened.value.filter((room) => !room.audience.members.has(userId));
  for (const room of unaware) room.isStale = true;
  await Promise.all(unaware.map((room) => deps.rooms.reload(room, 0)));
  return opened.value;
}

/** Nothing is awaited here: what is fanned out before is in `ready`'s heads, what comes after is sent. */
function becomeReady(
  deps: AuthenticateDeps,
  connection: Connection,
  found: { identity: Identity; rooms: LiveRoom[]; mine: Map<RoomId, Membership>; presence: Presence[]; look: Look },
): void {
  connection.becomeReady();
  const rooms: ReadyFrame["rooms"] = [];
  for (const room of found.rooms) {
    const own = found.mine.get(room.roomId);
    const subscription = deps.members.subscribe(connection, room);
    if (own === undefined || subscription === null) continue;
    rooms.push({
      roomId: room.roomId,
      membersVersion: room.audience.room.membersVersion,
      head: room.feed.head,
      changeHead: room.feed.changeHead,
      joinedSeq: subscription.joinedSeq,
      deliveredSeq: own.deliveredSeq,
      readSeq: own.readSeq,
    });
  }
  const { userId, sessionId } = found.identity;
  connection.send({
    t: "ready",
    v: PROTOCOL_VERSION,
    userId,
    sessionId,
    serverTime: deps.now(),
    rooms,
    presence: found.presence,
    changedProfiles: found.look.tell(
      (other) => other === userId || found.rooms.some(({ audience }) => audience.members.has(other)),
    ),
  });
  deps.onReady(userId);
}

/** Everybody else in the person's smaller rooms, up to a bound, and when they were seen last as far as the profile knows. */
function peopleIn(rooms: readonly LiveRoom[], userId: UserId, limits: NodeLimits): Map<UserId, number | null> {
  const people = new Map<UserId, number | null>();
  for (const { audience } of rooms) {
    if (audience.members.size > limits.presenceRoomMembersMax) continue;
    for (const { userId: memberId, lastSeenAt } of audience.members.values()) {
      if (memberId !== userId && people.size < limits.presencePeopleMax) people.set(memberId, lastSeenAt);
    }
  }
  return people;
}

async function presenceIn(deps: AuthenticateDeps, rooms: readonly LiveRoom[], userId: UserId): Promise<Presence[]> {
  const people = peopleIn(rooms, userId, deps.limits);
  const known = await deps.presenceOf([...people.keys()]);
  return known.map((presence) =>
    presence.online || presence.lastSeenAt !== null
      ? presence
      : { ...presence, lastSeenAt: people.get(presence.userId) ?? null },
  );
}

function fault(deps: AuthenticateDeps, error: AppError, what: string): CloseReason {
  deps.onError(error, what);
  return "overloaded";
}
