import { LIMITS } from "@ashchat/contracts/limits";
import { backoffMs } from "@ashchat/core/backoff";
import type { MessageStore, PendingMessage, Settlement } from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import type { ChangeLog } from "../change-log";
import type { MessageDocument } from "../documents";
import { attempt } from "../errors";
import { atMost } from "../filters";
import { toStoredMessage } from "../message-document";
import type { Models } from "../models";

const BACKOFF = { firstMs: LIMITS.pendingFirstDueMs, maxMs: LIMITS.pendingDueMaxMs } as const;

export interface PendingWorkParts {
  changeLog: ChangeLog;
  collection(): mongo.Collection<MessageDocument>;
}

/** What a message is owed: log entries and translations. All of it stands in the message's own document. */
export function createPendingWork(
  { messages }: Models,
  { changeLog, collection }: PendingWorkParts,
): Pick<MessageStore, "logChange" | "settle" | "claimDue"> {
  return {
    logChange: (roomId, messageSeq, change) => changeLog.append(roomId, messageSeq, change),

    settle: (settlements) =>
      attempt("settle messages", async () => {
        if (settlements.length === 0) return;
        const statements = settlements.flatMap(statementsOf).map((updateOne) => ({ updateOne }));
        // In this order: what is discharged must find its changes taken off.
        await collection().bulkWrite(statements, { ordered: true });
      }),

    claimDue: (now) => attempt("claim pending message", () => claimDue(messages, now)),
  };
}

const NOTHING_OWED = { "pending.languages.0": { $exists: false }, "unlogged.0": { $exists: false } };
const DISCHARGE = { $unset: { pending: "", dueAt: "" } } as const;

/** A crash between the two leaves a message that is due and owes nothing, which the sweep discharges. */
function statementsOf({ roomId, seq, changeIds }: Settlement) {
  const pull = { $pull: { unlogged: { changeId: { $in: [...changeIds] } } } };
  const taken = changeIds.length === 0 ? [] : [{ filter: { roomId, seq }, update: pull }];
  return [...taken, { filter: { roomId, seq, ...NOTHING_OWED }, update: DISCHARGE }];
}

/** The one that is longest overdue, unless another sweep is faster; then the next. */
async function claimDue(messages: Models["messages"], now: number): Promise<PendingMessage | null> {
  const due = await messages
    .find({ dueAt: atMost(now) })
    .select({ roomId: 1, seq: 1, dueAt: 1, "pending.tries": 1 })
    .sort({ dueAt: 1 })
    .limit(LIMITS.claimRacesMax)
    .lean<Pick<MessageDocument, "roomId" | "seq" | "dueAt" | "pending">[]>();
  for (const { roomId, seq, dueAt, pending } of due) {
    const tries = (pending?.tries ?? 0) + 1;
    const nextDueAt = now + backoffMs(tries + 1, { ...BACKOFF, random: Math.random });
    const claimed = await messages
      .findOneAndUpdate(
        { roomId, seq, dueAt },
        { $set: { dueAt: nextDueAt, "pending.kind": "translate" }, $inc: { "pending.tries": 1 } },
        { returnDocument: "after" },
      )
      .lean<MessageDocument>();
    if (claimed !== null) return toPending(claimed);
  }
  return null;
}

function toPending(document: MessageDocument): PendingMessage {
  return {
    message: toStoredMessage(document),
    needs: [...(document.pending?.languages ?? [])],
    unlogged: document.unlogged.map(({ changeId, kind, language, by, at }) => ({ changeId, kind, language, by, at })),
    tries: document.pending?.tries ?? 1,
  };
}
