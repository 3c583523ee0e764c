import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
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
    async logChange(roomId, messageSeq, change) {
      const logged = await changeLog.append(roomId, messageSeq, change);
      if (!logged.ok) return logged;
      // Logged is logged, whether this succeeds or not: what still stands in `unlogged` keeps the message's `dueAt`, and the sweep
      // comes back, finds the entry by its changeId and pulls again.
      await attempt("pull change", () =>
        messages.updateOne({ roomId, seq: messageSeq }, { $pull: { unlogged: { changeId: change.changeId } } }),
      );
      return ok(logged.value);
    },

    settle: (roomId, seq) =>
      attempt("settle message", async () => {
        await messages.updateOne(
          { roomId, seq, "pending.languages.0": isThere(false), "unlogged.0": isThere(false) },
          { $unset: { pending: "", dueAt: "" } },
        );
      }),

    claimDue: (now) => attempt("claim pending message", () => claimDue(messages, now)),
  };
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
