import { appError } from "@ashchat/contracts/errors";
import { newId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Outcome, Room, RoomStore } from "@ashchat/core/ports";
import type { MembershipDocument, RoomDocument } from "../documents";
import { attempt } from "../errors";
import { oneOf } from "../filters";
import type { Models } from "../models";
import { inPortions } from "../portions";

export function createRoomStore(models: Models): RoomStore {
  const { rooms } = models;
  return {
    find: (roomId) =>
      attempt("find room", async () => maybeRoom(await rooms.findOne({ _id: roomId }).lean<RoomDocument>())),

    findMany: (roomIds) =>
      attempt("find rooms", async () => {
        const found: Room[] = [];
        for (const portion of inPortions(roomIds, LIMITS.databaseBatchMax)) {
          const documents = await rooms.find({ _id: oneOf(portion) }).lean<RoomDocument[]>();
          found.push(...documents.map(toRoom));
        }
        return found;
      }),

    openDirect: (userId, otherId, now) => openDirect(models, [userId, otherId], now),

    createGroup: ({ roomId, title, ownerId, memberIds, now }) =>
      attempt("create group", async () => {
        const directKey = `group:${roomId}`;
        const room: RoomDocument = { _id: roomId, kind: "group", directKey, title, membersVersion: 1, createdAt: now };
        await rooms.create([room]);
        const members = memberIds.map((userId) => newMembership({ roomId, userId, now }));
        const owner = { ...newMembership({ roomId, userId: ownerId, now }), role: "owner" as const };
        await models.memberships.insertMany([...members, owner], { ordered: true });
        return toRoom(room);
      }),

    rename: (roomId, title) =>
      attempt("rename room", async () => {
        const update = { $set: { title }, $inc: { membersVersion: 1 } };
        return maybeRoom(
          await rooms.findOneAndUpdate({ _id: roomId }, update, { returnDocument: "after" }).lean<RoomDocument>(),
        );
      }),

    touchMembers: (roomId) =>
      attempt("touch members", async () => {
        const update = { $inc: { membersVersion: 1 } };
        return maybeRoom(
          await rooms.findOneAndUpdate({ _id: roomId }, update, { returnDocument: "after" }).lean<RoomDocument>(),
        );
      }),
  };
}

/** Two upserts of the same key at once: one of them may meet the other's document, and then finds it. */
const UPSERT_TRIES = 3;

async function openDirect(
  models: Models,
  pair: readonly [UserId, UserId],
  now: number,
): Outcome<{ room: Room; created: boolean }> {
  const opened = await upsertDirect(models, pair, now);
  if (!opened.ok) return opened;
  const { roomId } = opened.value.room;
  // The other's first: should the second be lost, the one who is here opens the room again.
  for (const userId of [pair[1], pair[0]]) {
    const joined = await upsertMembership(models, newMembership({ roomId, userId, now }));
    if (!joined.ok) return joined;
  }
  return opened;
}

async function upsertDirect(
  { rooms }: Models,
  pair: readonly [UserId, UserId],
  now: number,
): Outcome<{ room: Room; created: boolean }> {
  const directKey = [...pair].toSorted().join(":");
  const roomId = newId("room");
  const fresh = { _id: roomId, kind: "direct", title: null, membersVersion: 1, createdAt: now } as const;
  for (let round = 0; round < UPSERT_TRIES; round += 1) {
    const upserted = await attempt("open direct room", () =>
      rooms
        .findOneAndUpdate({ directKey }, { $setOnInsert: fresh }, { upsert: true, returnDocument: "after" })
        .lean<RoomDocument>(),
    );
    if (upserted.ok && upserted.value !== null) {
      return ok({ room: toRoom(upserted.value), created: upserted.value._id === roomId });
    }
    if (!upserted.ok && upserted.error.code !== "conflict") return upserted;
  }
  return fail(appError("overloaded", "open direct room: others were always faster"));
}

/** An existing membership stays as it is. */
async function upsertMembership({ memberships }: Models, membership: MembershipDocument): Outcome<void> {
  const { roomId, userId, ...fresh } = membership;
  const upserted = await attempt("join direct room", () =>
    memberships.updateOne({ roomId, userId }, { $setOnInsert: fresh }, { upsert: true }),
  );
  // The other side's upsert of the same membership was faster: it is there.
  if (!upserted.ok && upserted.error.code !== "conflict") return upserted;
  return ok(undefined);
}

function newMembership({ roomId, userId, now }: Pick<MembershipDocument, "roomId" | "userId"> & { now: number }) {
  const membership: MembershipDocument = {
    roomId,
    userId,
    role: "member",
    joinedSeq: 0,
    joinedAt: now,
    removedAt: null,
    deliveredSeq: 0,
    readSeq: 0,
    language: null,
  };
  return membership;
}

function toRoom(document: RoomDocument): Room {
  const { _id, kind, title, membersVersion, createdAt } = document;
  return { roomId: _id, kind, title, membersVersion, createdAt };
}

function maybeRoom(document: RoomDocument | null): Room | null {
  return document === null ? null : toRoom(document);
}
