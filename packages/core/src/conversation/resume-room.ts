import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import { charsOf, viewMessage } from "../message-view";
import type { MessageStore, Outcome } from "../ports";

export interface ResumeRoomDeps {
  messages: Pick<MessageStore, "heads" | "page" | "changesAfter" | "findMany">;
}

export interface ResumeRoomInput {
  roomId: RoomId;
  cursor: Cursor;
  /** The reader's language in this room. */
  language: Language | null;
  joinedSeq: number;
}

export type ResumeStep =
  | { kind: "caught_up"; cursor: Cursor }
  /** The gap is over LIMITS.resumeGapMax, or the cursor is ahead of the room: drop its state and fetch it. */
  | { kind: "resync" }
  | {
      kind: "page";
      from: Cursor;
      to: Cursor;
      /** Every message in (from.seq, to.seq] that is the reader's to see, ascending. */
      messages: MessageView[];
      /** The present state of messages up to `to.seq` that changed in (from.changeSeq, to.changeSeq], ascending. */
      changed: MessageView[];
      /** False: `to` had reached the room's heads as they were when the read began. */
      more: boolean;
    };

/**
 * The next page after `cursor`. The order of reads is what makes it gap-free: first the heads, then the messages, then the
 * changes, then the present state of what changed. A message that changes after it was read has its change in the log after
 * that, so it is either in `changed` or beyond `to.changeSeq` and comes with the next page.
 */
export async function resumeRoom(deps: ResumeRoomDeps, input: ResumeRoomInput): Outcome<ResumeStep> {
  const heads = await deps.messages.heads([input.roomId]);
  if (!heads.ok) return heads;
  const head = heads.value.get(input.roomId) ?? { seq: 0, changeSeq: 0 };
  return resumeFrom(deps, input, { head, charsMax: LIMITS.resumePageCharsMax });
}

/** The same, for heads that were read just before; `charsMax` is what the page may hold of text (UTF-16 units). */
export async function resumeFrom(
  deps: ResumeRoomDeps,
  input: ResumeRoomInput,
  { head, charsMax }: { head: Cursor; charsMax: number },
): Outcome<ResumeStep> {
  const { cursor } = input;
  // What lies before one's joining is no gap: nothing of it would be sent.
  const afterSeq = Math.max(cursor.seq, Math.min(input.joinedSeq, head.seq));
  const seqGap = head.seq - afterSeq;
  const changeGap = head.changeSeq - cursor.changeSeq;
  if (seqGap < 0 || changeGap < 0 || seqGap + changeGap > LIMITS.resumeGapMax) return ok({ kind: "resync" });
  if (head.seq === cursor.seq && changeGap === 0) return ok({ kind: "caught_up", cursor });
  return readPage(deps, input, { head, afterSeq, charsMax });
}

/** As many messages, and then as many changes, as LIMITS.resumePageMessages and `charsMax` leave room for. */
async function readPage(
  deps: ResumeRoomDeps,
  input: ResumeRoomInput,
  { head, afterSeq, charsMax }: { head: Cursor; afterSeq: number; charsMax: number },
): Outcome<ResumeStep> {
  const { roomId, cursor, language } = input;
  const upToSeq = Math.min(head.seq, afterSeq + LIMITS.resumePageMessages);
  const read = await readMessages(deps, roomId, { afterSeq, toSeq: upToSeq });
  if (!read.ok) return read;
  const budget = createBudget(charsMax);
  const views = read.value.map((message) => viewMessage(message, language));
  const messages = takeWhile(views, budget.takes);
  const toSeq = messages.length < views.length ? (messages.at(-1)?.seq ?? afterSeq) : upToSeq;

  const log = await deps.messages.changesAfter(roomId, cursor.changeSeq, LIMITS.resumePageMessages);
  if (!log.ok) return log;
  const known = beforeNewMessages(log.value, head.seq);
  const present = await readChanged(deps, input, { changes: known, toSeq });
  if (!present.ok) return present;
  const { changes, changed } = fitting(
    known,
    present.value.map((message) => viewMessage(message, language)),
    budget,
  );

  const toChangeSeq = changes.at(-1)?.seq ?? cursor.changeSeq;
  return ok({
    kind: "page",
    from: cursor,
    to: { seq: toSeq, changeSeq: toChangeSeq },
    messages,
    changed,
    more: toSeq < head.seq || toChangeSeq < head.changeSeq,
  });
}

/** Counts the text of a page. The first message is always taken, so that every page gets further. */
function createBudget(charsMax: number) {
  let left = charsMax;
  let isFirst = true;
  return {
    takes(view: MessageView): boolean {
      left -= charsOf(view);
      if (left < 0 && !isFirst) return false;
      isFirst = false;
      return true;
    },
  };
}

/** The log and what changed by it, up to the first message for which there is no room. */
function fitting(
  changes: readonly StoredChange[],
  present: readonly MessageView[],
  budget: ReturnType<typeof createBudget>,
): { changes: readonly StoredChange[]; changed: MessageView[] } {
  const waiting = new Map(present.map((view) => [view.seq, view]));
  const changed: MessageView[] = [];
  const taken = takeWhile(changes, ({ messageSeq }) => {
    const view = waiting.get(messageSeq);
    if (view === undefined) return true;
    if (!budget.takes(view)) return false;
    waiting.delete(messageSeq);
    changed.push(view);
    return true;
  });
  return { changes: taken, changed: changed.toSorted((a, b) => a.seq - b.seq) };
}

function takeWhile<Item>(items: readonly Item[], isTaken: (item: Item) => boolean): Item[] {
  const end = items.findIndex((item) => !isTaken(item));
  return items.slice(0, end === -1 ? items.length : end);
}

async function readMessages(
  deps: ResumeRoomDeps,
  roomId: RoomId,
  span: { afterSeq: number; toSeq: number },
): Outcome<StoredMessage[]> {
  if (span.toSeq <= span.afterSeq) return ok([]);
  return deps.messages.page({
    roomId,
    after: span.afterSeq,
    before: span.toSeq + 1,
    limit: LIMITS.resumePageMessages,
    newest: false,
  });
}

/**
 * The log up to the first change of a message that is newer than the head that was read. That message may be on its way to the
 * device in its first state; were the cursor moved past its change, the device would never learn of it.
 */
function beforeNewMessages(changes: readonly StoredChange[], headSeq: number): readonly StoredChange[] {
  return takeWhile(changes, (change) => change.messageSeq <= headSeq);
}

/** Messages beyond `toSeq` come with a later page, in their state of then. */
async function readChanged(
  deps: ResumeRoomDeps,
  input: ResumeRoomInput,
  read: { changes: readonly StoredChange[]; toSeq: number },
): Outcome<StoredMessage[]> {
  const seqs = new Set<number>();
  for (const change of read.changes) {
    const isTheirs = change.messageSeq > input.joinedSeq && change.messageSeq <= read.toSeq;
    const isOtherLanguage = change.kind === "translated" && change.language !== input.language;
    if (isTheirs && !isOtherLanguage) seqs.add(change.messageSeq);
  }
  if (seqs.size === 0) return ok([]);
  return deps.messages.findMany(
    input.roomId,
    [...seqs].toSorted((a, b) => a - b),
  );
}
