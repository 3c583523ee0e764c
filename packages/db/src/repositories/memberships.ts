import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Membership, MembershipStore, Outcome } from "@ashchat/core/ports";
import type { MembershipDocument } from "../documents";
import { attempt } from "../errors";
import { above, oneOf, otherThan } from "../filters";
import type { Models } from "../models";
import { inPortions } from "../portions";

/** With 200 members each these are 20,000 small documents, the largest answer that one read may give. */
const ROOMS_PER_READ = 100;

export function createMembershipStore(models: Models): MembershipStore {
  const { memberships } = models;

  const listRooms = async (roomIds: readonly RoomId[]): Promise<Membership[]> => {
    const found = await memberships
      .find({ roomId: oneOf(roomIds), removedAt: null })
      .sort({ joinedAt: 1 })
      .limit(roomIds.length * LIMITS.groupMembersMax)
      .lean<MembershipDocument[]>();
    return found.map(toMembership);
  };

  return {
    find: (roomId, userId) =>
      attempt("find membership", async () =>
        maybeMembership(await memberships.findOne({ roomId, userId, removedAt: null }).lean<MembershipDocument>()),
      ),

    listByRoom: (roomId) => attempt("list members", () => listRooms([roomId])),

    listByRooms: (roomIds) =>
      attempt("list members", async () => {
        const members: Membership[] = [];
        for (const portion of inPortions(roomIds, ROOMS_PER_READ)) members.push(...(await listRooms(portion)));
        return members;
      }),

    listByUser: (userId) =>
      attempt("list rooms of a person", async () => {
        const found = await memberships
          .find({ userId, removedAt: null })
          .limit(LIMITS.roomsPerUserMax)
          .lean<MembershipDocument[]>();
        return found.map(toMembership);
      }),

    add: (member) => add(models, member),

    remove: (roomId, userId, at) =>
      attempt("remove member", async () => {
        const removed = await memberships
          .findOneAndUpdate(
            { roomId, userId, removedAt: null },
            { $set: { removedAt: at } },
            { returnDocument: "after" },
          )
          .lean<MembershipDocument>();
        return maybeMembership(removed);
      }),

    setRole: (roomId, userId, role) =>
      attempt("set role", async () => {
        await memberships.updateOne({ roomId, userId, removedAt: null }, { $set: { role } });
      }),

    mark: (roomId, userId, marks) =>
      attempt("raise marks", async () => {
        const higher = { deliveredSeq: marks.deliveredSeq ?? 0, readSeq: marks.readSeq ?? 0 };
        const marked = await memberships
          .findOneAndUpdate({ roomId, userId, removedAt: null }, { $max: higher }, { returnDocument: "after" })
          .lean<MembershipDocument>();
        return marked === null ? null : { deliveredSeq: marked.deliveredSeq, readSeq: marked.readSeq };
      }),

    removedSince: (since) =>
      attempt("find removed members", async () => {
        const found = await memberships
          .find({ removedAt: above(since) })
          .sort({ removedAt: 1 })
          .limit(LIMITS.databaseBatchMax)
          .lean<MembershipDocument[]>();
        return found.map(toMembership);
      }),
  };
}

type NewMember = Parameters<MembershipStore["add"]>[0];

/** A present member stays as they are; a removed one comes back and reads from here on. */
async function add({ memberships }: Models, member: NewMember): Outcome<Membership> {
  const { roomId, userId, role, joinedSeq, now } = member;
  const joined = { role, joinedSeq, joinedAt: now, removedAt: null };
  const marks = { deliveredSeq: joinedSeq, readSeq: joinedSeq };
  const back = await attempt("bring member back", () =>
    memberships
      .findOneAndUpdate(
        { roomId, userId, removedAt: otherThan(null) },
        { $set: joined, $max: marks },
        { returnDocument: "after" },
      )
      .lean<MembershipDocument>(),
  );
  if (!back.ok) return back;
  if (back.value !== null) return ok(toMembership(back.value));

  const fresh = { ...joined, ...marks, language: null };
  const upserted = await attempt("add member", () =>
    memberships.updateOne({ roomId, userId }, { $setOnInsert: fresh }, { upsert: true }),
  );
  // A duplicate: the same person was added at the same moment.
  if (!upserted.ok && upserted.error.code !== "conflict") return upserted;
  const present = await attempt("find membership", () =>
    memberships.findOne({ roomId, userId, removedAt: null }).lean<MembershipDocument>(),
  );
  if (!present.ok) return present;
  if (present.value === null) return fail(appError("conflict", "removed again at the same moment"));
  return ok(toMembership(present.value));
}

function toMembership(document: MembershipDocument): Membership {
  const { roomId, userId, role, joinedSeq, joinedAt, removedAt, deliveredSeq, readSeq, language } = document;
  return { roomId, userId, role, joinedSeq, joinedAt, removedAt, deliveredSeq, readSeq, language };
}

function maybeMembership(document: MembershipDocument | null): Membership | null {
  return document === null ? null : toMembership(document);
}
