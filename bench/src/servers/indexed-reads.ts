import { ok } from "@ashchat/contracts/result";
import type { Membership } from "@ashchat/core/ports";
import type { Stores } from "@ashchat/db/connect";
import type { ProfileDocument, RoomDocument } from "@ashchat/db/documents";
import mongoose from "mongoose";

type IndexedReads = Pick<Stores, "memberships" | "profiles" | "rooms">;

/**
 * Who is in which room, read once at the start. The database's stand-in answers on the cores that are being measured, and
 * slowly, so ten thousand sign-ins would measure little else. Kept as bytes outside of the heap
 * and read afresh at each question, so that an answer costs this process what a database's answer costs.
 */
export async function indexReads(mongodbUrl: string, stores: IndexedReads): Promise<IndexedReads> {
  const connection = await mongoose.createConnection(mongodbUrl).asPromise();
  const withoutId = { projection: { _id: 0 } };
  const memberships = await connection
    .collection<Membership>("memberships")
    .find({ removedAt: null }, withoutId)
    .toArray();
  const profiles = await connection.collection<ProfileDocument>("profiles").find().toArray();
  const rooms = await connection.collection<RoomDocument>("rooms").find().toArray();
  await connection.close();

  const byUser = index(memberships, ({ userId }) => userId);
  const byRoom = index(memberships, ({ roomId }) => roomId);
  const profileOf = index(
    profiles.map(({ _id, ...profile }) => ({ userId: _id, ...profile })),
    ({ userId }) => userId,
  );
  const roomOf = index(
    rooms.map(({ _id, directKey: _key, ...room }) => ({ roomId: _id, ...room })),
    ({ roomId }) => roomId,
  );
  return {
    memberships: {
      ...stores.memberships,
      listByUser: async (userId) => ok(byUser([userId])),
      listByRooms: async (roomIds) => ok(byRoom(roomIds)),
    },
    profiles: { ...stores.profiles, findMany: async (userIds) => ok(profileOf(userIds)) },
    rooms: { ...stores.rooms, findMany: async (roomIds) => ok(roomOf(roomIds)) },
  };
}

function index<Row>(rows: readonly Row[], keyOf: (row: Row) => string): (keys: readonly string[]) => Row[] {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const group = grouped.get(keyOf(row));
    if (group === undefined) grouped.set(keyOf(row), [row]);
    else group.push(row);
  }
  const bytes = new Map([...grouped].map(([key, group]) => [key, Buffer.from(JSON.stringify(group))]));
  return (keys) => keys.flatMap((key) => JSON.parse(bytes.get(key)?.toString("utf8") ?? "[]") as Row[]);
}
