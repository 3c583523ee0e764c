import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageStore } from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import { toStoredChange } from "../change-log";
import type { ChangeDocument, MessageDocument } from "../documents";
import { attempt } from "../errors";
import { above, between, oneOf } from "../filters";
import { toStoredMessage } from "../message-document";
import type { Models } from "../models";
import { mapSideBySide } from "../portions";

type MessageReads = Pick<MessageStore, "heads" | "headOf" | "find" | "findMany" | "page" | "lastOf" | "changesAfter">;

export function createMessageReads(
  { messages }: Models,
  changes: () => mongo.Collection<ChangeDocument>,
): MessageReads {
  const lastOfRoom = async (roomId: RoomId): Promise<StoredMessage | null> => {
    const last = await messages.findOne({ roomId }).sort({ seq: -1 }).lean<MessageDocument>();
    return last === null ? null : toStoredMessage(last);
  };
  const headOfRoom = async (roomId: RoomId): Promise<number> => {
    const last = await messages.findOne({ roomId }).select({ seq: 1 }).sort({ seq: -1 }).lean<{ seq: number }>();
    return last?.seq ?? 0;
  };
  const changeHeadOfRoom = async (roomId: RoomId): Promise<number> => {
    const last = await changes().findOne({ roomId }, { projection: { _id: 0, seq: 1 }, sort: { seq: -1 } });
    return last?.seq ?? 0;
  };

  return {
    // One read of one index entry per room and log: its cost does not grow with the rooms' history. The changes first, so that
    // no change is counted whose message is not: whoever has everything up to these heads has its state after that change.
    heads: (roomIds) =>
      attempt("read heads", async () => {
        const heads = await mapSideBySide(roomIds, LIMITS.databaseParallelReads, async (roomId) => {
          const changeSeq = await changeHeadOfRoom(roomId);
          const seq = await headOfRoom(roomId);
          return [roomId, { seq, changeSeq }] as const;
        });
        return new Map(heads);
      }),

    headOf: (roomId) => attempt("read head", () => headOfRoom(roomId)),

    find: (roomId, seq) =>
      attempt("find message", async () => {
        const found = await messages.findOne({ roomId, seq }).lean<MessageDocument>();
        return found === null ? null : toStoredMessage(found);
      }),

    findMany: (roomId, seqs) =>
      attempt("find messages", async () => {
        if (seqs.length === 0) return [];
        const found = await messages
          .find({ roomId, seq: oneOf(seqs) })
          .sort({ seq: 1 })
          .limit(LIMITS.databaseBatchMax)
          .lean<MessageDocument[]>();
        return found.map(toStoredMessage);
      }),

    page: ({ roomId, after, before, limit, newest }) =>
      attempt("read messages", async () => {
        const found = await messages
          .find({ roomId, seq: before === null ? above(after) : between(after, before) })
          .sort({ seq: newest ? -1 : 1 })
          .limit(Math.min(limit, LIMITS.databaseBatchMax))
          .lean<MessageDocument[]>();
        const page = found.map(toStoredMessage);
        return newest ? page.toReversed() : page;
      }),

    lastOf: (roomIds) =>
      attempt("read last messages", async () => {
        const lasts = await mapSideBySide(roomIds, LIMITS.databaseParallelReads, lastOfRoom);
        return new Map(lasts.filter((last) => last !== null).map((last) => [last.roomId, last]));
      }),

    changesAfter: (roomId, after, limit) =>
      attempt("read changes", async () => {
        const found = await changes()
          .find({ roomId, seq: { $gt: after } })
          .sort({ seq: 1 })
          .limit(Math.min(limit, LIMITS.databaseBatchMax))
          .toArray();
        return found.map(toStoredChange);
      }),
  };
}
