import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { ChangeId, CorrelationId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { Announcer, Clock, JobPublisher, MessageStore, Outcome, PendingMessage, RoomStore } from "../ports";
import { startTurns, type Turns } from "../turns";
import { finishChanges } from "./finish-change";
import { recordTranslations } from "./record-translation";
import { offerTranslations } from "./translation-jobs";

/**
 * The sweep: finishes what crashes and lost jobs have left. Pending work lives in the message's own document; whoever claims it
 * moves its `dueAt` on, so several sweeps in several processes share the work and a sweep that dies loses nothing.
 */
export interface RescueDeps {
  messages: Pick<MessageStore, "claimDue" | "logChange" | "settle" | "setTranslations">;
  rooms: Pick<RoomStore, "find" | "findMany">;
  announcer: Announcer;
  publisher: JobPublisher;
  clock: Clock;
  newChangeId(): ChangeId;
  newCorrelationId(): CorrelationId;
  /** Waiting translation jobs. Fails while the broker is away: then nothing is claimed and no try is spent. */
  queueLength(): Outcome<number>;
}

/** One turn: claims at most LIMITS.sweepClaimsMax due messages and sees to them. Returns how many were claimed. */
export async function rescuePending(deps: RescueDeps): Outcome<number> {
  const waiting = await deps.queueLength();
  if (!waiting.ok) return waiting;
  let queued = waiting.value;
  let claimed = 0;
  while (claimed < LIMITS.sweepClaimsMax && queued < LIMITS.sweepQueueMessagesMax) {
    const due = await deps.messages.claimDue(deps.clock.now());
    if (!due.ok) return due;
    if (due.value === null) break;
    claimed += 1;
    const offered = await rescueOne(deps, due.value);
    if (!offered.ok) return offered;
    queued += offered.value;
  }
  return ok(claimed);
}

/** Runs `rescuePending` every `intervalMs`, never two turns at a time. */
export function startSweep(options: {
  deps: RescueDeps;
  intervalMs: number;
  onError: (error: unknown) => void;
}): Turns {
  const { deps, intervalMs, onError } = options;
  return startTurns({ turn: () => rescuePending(deps), intervalMs, onError });
}

/** Returns how many jobs were offered. */
async function rescueOne(deps: RescueDeps, due: PendingMessage): Outcome<number> {
  const { message, needs, unlogged, tries } = due;
  const room = await deps.rooms.find(message.roomId);
  if (!room.ok) return room;
  const membersVersion = room.value?.membersVersion ?? 0;
  // The crash may have come between the insert and its announcement.
  deps.announcer.announce({ kind: "message", roomId: message.roomId, membersVersion, message });
  if (unlogged.length > 0) {
    const finished = await finishChanges(
      deps,
      unlogged.map((change) => ({ message, change, membersVersion })),
    );
    if (!finished.ok) return finished;
  }
  if (tries > LIMITS.pendingTriesMax) return giveUp(deps, due);
  if (needs.length === 0) {
    return settleAll(deps, message);
  }
  offerTranslations(deps.publisher, message, { languages: needs, correlationId: deps.newCorrelationId() });
  return ok(needs.length);
}

/** Every translation ends: what eight tries could not do is said to have failed, and the reader may ask again. */
async function giveUp(deps: RescueDeps, due: PendingMessage): Outcome<number> {
  const { roomId, seq, revision } = due.message;
  const translation = { status: "failed", revision, reason: "gave_up", at: deps.clock.now() } as const;
  const records = due.needs.map((language) => ({ roomId, seq, revision, language, translation }));
  const ended = await recordTranslations(deps, records);
  return ended.find((one) => !one.ok) ?? settleAll(deps, due.message);
}

/** Takes a message that owes nothing any more out of the sweep's sight. */
async function settleAll(deps: RescueDeps, { roomId, seq }: StoredMessage): Outcome<number> {
  const settled = await deps.messages.settle([{ roomId, seq, changeIds: [] }]);
  return settled.ok ? ok(0) : settled;
}
