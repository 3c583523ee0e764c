import type { StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import type { AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import type { QUEUES } from "@ashchat/contracts/queues";
import type { Result } from "@ashchat/contracts/result";
import {
  recordTranslations,
  type RecordTranslationDeps,
  type TranslationRecord,
} from "@ashchat/core/conversation/record-translation";
import { isTextReadable } from "@ashchat/core/message-view";
import type { MessageStore } from "@ashchat/core/ports";
import { mapSideBySide } from "@ashchat/db/portions";
import type { BatchHandler, BatchJob } from "@ashchat/messaging/consumer";
import type { JobOutcome } from "@ashchat/messaging/settlement";
import { withCorrelation } from "@ashchat/runtime/correlation";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { TranslationOutcome, Translator } from "@ashchat/translate/translator";
import { createGroups } from "./groups";

/**
 * Jobs in, translations on their messages out. A job says which (message, revision, language); what it finds decides:
 *
 *   message gone, deleted, edited since, translation already ended ─▶ done, nothing is written
 *   translated, not needed, failed for good                        ─▶ recorded ─▶ done
 *   the engine may succeed later                                   ─▶ retry, and after the last try recorded as failed
 *   the database does not answer                                   ─▶ retry
 *
 * May run any number of times for one job: the write filters on the revision and on "not done". What is ready at the same time is
 * recorded together (decision 0014); each job has its own outcome.
 */
export interface TranslationHandlerDeps {
  readonly record: RecordTranslationDeps;
  readonly messages: Pick<MessageStore, "findMany">;
  readonly translator: Pick<Translator, "translateMany">;
  readonly metrics: Metrics;
}

type Job = BatchJob<typeof QUEUES.translation>;

const DONE: JobOutcome = { kind: "done" };
const ENGINE_FAILED = appError("unavailable", "the engine gave no translation; it may later");
const MS_PER_SECOND = 1_000;

export function createTranslationHandler(deps: TranslationHandlerDeps): BatchHandler<typeof QUEUES.translation> {
  const ended = deps.metrics.counter("translations_total", "Translation jobs by how they ended", ["outcome"]);
  const age = deps.metrics.histogram("translation_age_seconds", "From the sending of a text to its translation");

  const groups = createGroups({
    itemsMax: LIMITS.recordGroupResultsMax,
    inFlightMax: LIMITS.recordGroupsInFlightMax,
    work: (records: readonly TranslationRecord[]) => recordTranslations(deps.record, records),
  });

  async function finish(job: Job, message: StoredMessage, outcome: TranslationOutcome): Promise<JobOutcome> {
    const { roomId, seq, revision, language } = job.body;
    const translation = toRecord(job, outcome, deps.record.clock.now());
    if (translation === null) return { kind: "retry", error: ENGINE_FAILED };
    const recorded = await groups.bring({ roomId, seq, revision, language, translation });
    if (!recorded.ok) return { kind: "retry", error: recorded.error };
    ended.inc({ outcome: recorded.value === null ? "late" : translation.status });
    if (translation.status === "done" && recorded.value !== null) {
      age.observe((translation.at - (message.editedAt ?? message.sentAt)) / MS_PER_SECOND);
    }
    return DONE;
  }

  return async (jobs) => {
    const messages = await load(deps.messages, jobs);
    const wanted = jobs.map((job) => wantedOf(job, messages.get(job.body.roomId)));
    const asked = wanted.filter((want) => want.kind === "translate");
    const outcomes = await deps.translator.translateMany(
      asked.map(({ text, message, job }) => ({ text, from: message.language, to: job.body.language })),
    );
    const finished = await Promise.all(
      asked.map((want, index) => {
        const outcome = outcomes[index] ?? { status: "failed", reason: "engine_failed", retryable: true };
        return withCorrelation(want.job.body.correlationId, () =>
          // A mistake of ours about one job is no failure of the others.
          finish(want.job, want.message, outcome).catch((error: unknown): JobOutcome => ({ kind: "retry", error })),
        );
      }),
    );
    let next = 0;
    return wanted.map((want) => {
      if (want.kind === "translate") return finished[next++] ?? DONE;
      if (want.kind === "nothing") ended.inc({ outcome: "dropped" });
      return want.kind === "nothing" ? DONE : ({ kind: "retry", error: want.error } as const);
    });
  };
}

type Loaded = ReadonlyMap<RoomId, Result<StoredMessage[], AppError>>;

/** One query a room. */
async function load(messages: Pick<MessageStore, "findMany">, jobs: readonly Job[]): Promise<Loaded> {
  const byRoom = new Map<RoomId, Set<number>>();
  for (const { body } of jobs) byRoom.set(body.roomId, (byRoom.get(body.roomId) ?? new Set()).add(body.seq));
  // A slow database is not asked for everything at once: what waits for a free connection would fail and use up its tries.
  const loaded = await mapSideBySide(
    [...byRoom],
    LIMITS.databaseParallelReads,
    async ([roomId, seqs]) => [roomId, await messages.findMany(roomId, [...seqs])] as const,
  );
  return new Map(loaded);
}

type Wanted =
  | { readonly kind: "translate"; readonly job: Job; readonly message: StoredMessage; readonly text: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown"; readonly error: AppError };

function wantedOf(job: Job, loaded: Result<StoredMessage[], AppError> | undefined): Wanted {
  if (loaded === undefined) return { kind: "nothing" };
  if (!loaded.ok) return { kind: "unknown", error: loaded.error };
  const message = loaded.value.find((found) => found.seq === job.body.seq);
  // P8: an edit or a deletion beats every translation of the text before it.
  if (message === undefined || !isTextReadable(message) || message.text === null) return { kind: "nothing" };
  if (message.revision !== job.body.revision || hasEnded(message, job)) return { kind: "nothing" };
  return { kind: "translate", job, message, text: message.text };
}

/** A failed one has ended as well: who wants it again asks for it, which makes it pending. */
function hasEnded(message: StoredMessage, { body }: Job): boolean {
  const translation = message.translations[body.language];
  return translation !== undefined && translation.status !== "pending" && translation.revision === body.revision;
}

/** What to write; null where another try may do better and there is one left. */
function toRecord({ body, context }: Job, outcome: TranslationOutcome, at: number): StoredTranslation | null {
  const { revision } = body;
  switch (outcome.status) {
    case "done":
      return { status: "done", revision, text: outcome.text, engine: outcome.engine, at };
    case "not_needed":
      return { status: "not_needed", revision };
    case "failed": {
      const isLastTry = context.tries + 1 >= LIMITS.queueTriesMax;
      return outcome.retryable && !isLastTry ? null : { status: "failed", revision, reason: outcome.reason, at };
    }
  }
}
