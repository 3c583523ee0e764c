import type { Me } from "@ashchat/contracts/api";
import type { RoomView } from "@ashchat/contracts/room";
import type { Caller } from "@ashchat/core/ports";
import { listRooms } from "@ashchat/core/rooms/list-rooms";
import type { Database } from "@ashchat/db/connect";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { cache } from "react";
import { readMe } from "../server/auth/read-me";
import { services } from "../server/container";
import { currentSession } from "../server/session";
import { firstOf } from "./first-rooms";

/** Who opens this page: nobody, somebody whose profile is still being made, or a person. */
export type Visitor = { kind: "signed_out" } | { kind: "profile_pending" } | SignedIn;

interface SignedIn {
  kind: "signed_in";
  me: Me;
  /** The rooms that a screen shows at once; none where they could not be read. */
  firstRooms: readonly RoomView[];
}

/** Looked up once per page. */
const session = cache(currentSession);

export async function isSignedIn(): Promise<boolean> {
  return (await session()) !== null;
}

/** Throws while the database cannot be asked: the error page then offers another try. */
export async function currentVisitor(): Promise<Visitor> {
  const found = await session();
  if (found === null) return { kind: "signed_out" };
  const { database, clock } = await services();
  const { accounts, profiles } = database.stores;
  const caller = { ...found, correlationId: newCorrelationId() };
  const [me, firstRooms] = await Promise.all([
    readMe({ accounts, profiles, clock }, caller),
    found.isConfirmed ? readFirstRooms(database, caller) : [],
  ]);
  if (me.ok) return { kind: "signed_in", me: me.value, firstRooms };
  const { code, retryAfterMs } = me.error;
  if (code === "unavailable" && retryAfterMs !== undefined) return { kind: "profile_pending" };
  throw new Error(`the profile could not be read: ${code}`, { cause: me.error });
}

/** So that the list is on the screen before any script has run. Without it the page works as well, only later. */
async function readFirstRooms({ stores }: Database, caller: Caller): Promise<readonly RoomView[]> {
  const rooms = await listRooms(stores, caller);
  return rooms.ok ? firstOf(rooms.value) : [];
}
