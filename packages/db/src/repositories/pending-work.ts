import { LIMITS } from "@ashchat/contracts/limits";
import type { ChangeId, RoomId } from "@ashchat/contracts/ids";
import { backoffMs } from "@ashchat/core/backoff";
import type { MessageStore, PendingMessage } from "@ashchat/core/ports";
import type { ChangeLog } from "../change-log";
import type { MessageDocument } from "../documents";
import { attempt } from "../errors";
import { atMost, isThere } from "../filters";
import { toStoredMessage } from "../message-document";
import type { Models } from "../models";

const BACKOFF = { firstMs: LIMITS.pendingFirstDueMs, maxMs: LIMITS.pendingDueMaxMs } as const;

/** What a message is owed: log entries and translations. All of it stands in the message's own document. */
export function createPendingWork(
  { messages }: Models,
  changeLog: ChangeLog,
): Pick<MessageStore, "logChange" | "settle" | "claimDue"> {
  return {
    logChange: (roomId, messageSeq, change) => changeLog.append(roomId, messageSeq, change),

    settle: (roomId, seq, changeId) =>
      attempt("settle message", async () => {
        if (changeId === undefined || !(await pullChange(messages, { roomId, seq }, changeId))) {
          await messages.updateOne({ roomId, seq, ...NOTHING_OWED }, DISCHARGE);
        }
      }),

    claimDue: (now) => attempt("claim pending message", () => claimDue(messages, now)),
  };
}

const NOTHING_OWED = { "pending.languages.0": isThere(false), "unlogged.0": isThere(false) };
const DISCHARGE = { $unset: { pending: "", dueAt: "" } };

/** True when nothing is left to do: discharged, or more is owed. The usual case, a change that is all that is owed, is one write. */
async function pullChange(
  messages: Models["messages"],
  at: { roomId: RoomId; seq: number },
  changeId: ChangeId,
): Promise<boolean> {
  const pull = { $pull: { unlogged: { changeId } } };
  const isLast = {
    "pending.languages.0": isThere(false),
    "unlogged.0.changeId": changeId,
    "unlogged.1": isThere(false),
  };
  const last = await messages.updateOne({ ...at, ...isLast }, { ...pull, ...DISCHARGE });
  if (last.matchedCount > 0) return true;
  const left = await messages
    .findOneAndUpdate(at, pull, { returnDocument: "after" })
    .lean<Pick<MessageDocument, "pending" | "unlogged">>();
  return left !== null && (left.unlogged.length > 0 || (left.pending?.languages.length ?? 0) > 0);
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
