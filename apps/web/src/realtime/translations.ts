import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";

/** Scrolling brings many messages into view in a moment: they are asked for together. */
const DEBOUNCE_MS = 150;
/** What was asked for is not asked for again for this long; by then it has come, or its request was lost. */
const ASKED_MS = 30_000;
const ASKED_MAX = 2_000;

/** Asks for translations of messages in view: in batches, one request at a time, none twice while it is pending. */
interface TranslationRequests {
  request(roomId: RoomId, seqs: readonly number[]): void;
  /** The person asks again for one that failed: what was asked before does not count. */
  ask(roomId: RoomId, seqs: readonly number[]): void;
  /** After a change of language everything may be asked for again. */
  reset(): void;
  stop(): void;
}

interface TranslationRequestsOptions {
  readonly api: Pick<RealtimeApi, "translate">;
  readonly clock: Clock;
  onMessages(roomId: RoomId, messages: readonly MessageView[]): void;
}

export function createTranslationRequests({ api, clock, onMessages }: TranslationRequestsOptions): TranslationRequests {
  const waiting = new Map<RoomId, Set<number>>();
  const askedAt = new Map<string, number>();
  let cancel: (() => void) | null = null;
  let isAsking = false;
  /** Raised with the language: an answer in an earlier one is thrown away. */
  let language = 0;

  function note(roomId: RoomId, seqs: readonly number[]): void {
    for (const seq of seqs) askedAt.set(`${roomId}:${seq}`, clock.now());
    for (const key of [...askedAt.keys()].slice(0, Math.max(0, askedAt.size - ASKED_MAX))) askedAt.delete(key);
  }

  function wasAsked(roomId: RoomId, seq: number): boolean {
    return clock.now() - (askedAt.get(`${roomId}:${seq}`) ?? -ASKED_MS) < ASKED_MS;
  }

  function add(roomId: RoomId, seqs: readonly number[]): void {
    if (seqs.length === 0) return;
    note(roomId, seqs);
    const known = waiting.get(roomId) ?? new Set();
    for (const seq of seqs) known.add(seq);
    waiting.set(roomId, known);
    cancel ??= clock.after(DEBOUNCE_MS, () => void flush());
  }

  async function flush(): Promise<void> {
    cancel = null;
    const next = waiting.entries().next().value;
    if (isAsking || next === undefined) return;
    isAsking = true;
    await ask(...next);
    isAsking = false;
    if (waiting.size > 0) cancel ??= clock.after(DEBOUNCE_MS, () => void flush());
  }

  async function ask(roomId: RoomId, all: Set<number>): Promise<void> {
    // What came into view last is what the person looks at.
    const seqs = [...all].slice(-LIMITS.translateOnViewMessagesMax);
    for (const seq of seqs) all.delete(seq);
    if (all.size === 0) waiting.delete(roomId);
    const own = language;
    const answer = await api.translate({ roomId, seqs });
    if (own !== language) return;
    if (answer.ok) onMessages(roomId, answer.value.messages);
    else for (const seq of seqs) askedAt.delete(`${roomId}:${seq}`);
  }

  return {
    request(roomId, seqs) {
      add(
        roomId,
        seqs.filter((seq) => !wasAsked(roomId, seq)),
      );
    },
    ask: add,
    reset() {
      language += 1;
      askedAt.clear();
    },
    stop() {
      cancel?.();
      cancel = null;
      waiting.clear();
    },
  };
}
