import type { History } from "@ashchat/contracts/api";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import { viewMessage } from "../message-view";
import type { AudienceReader, Caller, MessageStore, Outcome } from "../ports";
import { requireMember } from "./membership";

export interface ReadHistoryDeps {
  audience: AudienceReader;
  messages: Pick<MessageStore, "heads" | "page">;
}

export interface ReadHistoryInput {
  roomId: RoomId;
  /** Messages before this seq; without it and `around`, the newest. */
  before?: number | undefined;
  around?: number | undefined;
}

/**
 * A page of at most LIMITS.historyPageMessages in the caller's language, ascending and without holes, never older than the
 * caller's joining. The heads are read first, so resuming from `cursor` misses nothing.
 */
export async function readHistory(deps: ReadHistoryDeps, caller: Caller, input: ReadHistoryInput): Outcome<History> {
  const found = await requireMember(deps.audience, input.roomId, caller.userId);
  if (!found.ok) return found;
  const { member } = found.value;
  const heads = await deps.messages.heads([input.roomId]);
  if (!heads.ok) return heads;
  const cursor = heads.value.get(input.roomId) ?? { seq: 0, changeSeq: 0 };

  const span = spanOf(input, { oldest: member.joinedSeq + 1, newest: cursor.seq });
  if (span.last < span.first) return ok(emptyPage(cursor, span, member.joinedSeq));
  const page = await deps.messages.page({
    roomId: input.roomId,
    after: span.first - 1,
    before: span.last + 1,
    limit: LIMITS.historyPageMessages,
    newest: false,
  });
  if (!page.ok) return page;
  return ok({
    messages: page.value.map((message) => viewMessage(message, member.language)),
    cursor,
    hasOlder: span.first > member.joinedSeq + 1,
    hasNewer: span.last < cursor.seq,
  });
}

interface Span {
  first: number;
  last: number;
}

/** Seqs are dense, so a page is a span of numbers. `last` < `first` where there is nothing. */
function spanOf(input: ReadHistoryInput, room: { oldest: number; newest: number }): Span {
  const size = LIMITS.historyPageMessages;
  const upper =
    input.before !== undefined
      ? input.before - 1
      : input.around !== undefined
        ? Math.max(input.around + Math.floor(size / 2) - 1, room.oldest + size - 1)
        : room.newest;
  const last = Math.min(upper, room.newest);
  return { first: Math.max(room.oldest, last - size + 1), last };
}

function emptyPage(cursor: Cursor, span: Span, joinedSeq: number): History {
  return { messages: [], cursor, hasOlder: false, hasNewer: cursor.seq > Math.max(span.last, joinedSeq) };
}
