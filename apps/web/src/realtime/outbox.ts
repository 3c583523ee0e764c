import type { AppError, ErrorCode } from "@ashchat/contracts/errors";
import { appError } from "@ashchat/contracts/errors";
import type { ClientId, RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import type { Result } from "@ashchat/contracts/result";
import { fail, ok } from "@ashchat/contracts/result";
import * as z from "zod/mini";
import { clientIdSchema } from "@ashchat/contracts/ids";
import type { Environment } from "./environment";
import type { EntryChange, OutboxStore, StoredEntry } from "./outbox-store";
import { reconnectDelayMs } from "./socket";
import type { OutboxEntry, OutboxState } from "./state";
import type { SendOutcome, Transport } from "./transport";

/**
 * What this device has still to send.
 *
 * An entry: queued ─▶ sending ─▶ sent (gone from the store; shown until the message is here) · ─▶ failed ─retry─▶ queued.
 *
 * - It is in the store before it is sent, so a closed tab loses nothing; its clientId never changes, so sending it twice
 *   gives one message.
 * - Per room one tab at a time sends, under the lock `ashchat-outbox:<user>:<room>`, always the oldest queued entry, and waits for
 *   its answer. When a tab dies the browser hands the lock to the next one.
 * - `again` ends the turn; the next begins after a wait, or at once when the connection comes back (`wake`). What is written
 *   meanwhile begins it as well, but not where the server said when to come back.
 * - A refused entry fails and lets those behind it pass.
 */
export interface Outbox {
  start(): void;
  stop(): void;
  isDurable(): boolean;
  /** Oldest first. The same array until something changes. */
  ofRoom(roomId: RoomId): readonly OutboxEntry[];
  add(entry: Pick<OutboxEntry, "roomId" | "clientId" | "text">): Result<null, AppError>;
  retry(clientId: ClientId): void;
  retryAll(roomId?: RoomId): void;
  discard(clientId: ClientId): void;
  /** One's own message was heard. */
  settle(message: Pick<MessageView, "clientId" | "seq" | "sentAt">): void;
  /** What is sent and on this device (its seq at most `seq`) is shown as a message from now on. */
  forgetSent(roomId: RoomId, seq: number): void;
  /** Tries everything now. */
  wake(): void;
}

export interface OutboxOptions {
  /** Names locks and channel: what belongs to another account is another outbox. */
  readonly name: string;
  readonly environment: Pick<Environment, "clock" | "locks" | "openChannel">;
  readonly transmit: Transport["transmit"];
  openStore(onDegraded: () => void): OutboxStore;
  onChange(roomId: RoomId): void;
  onAcknowledged(outcome: Extract<SendOutcome, { kind: "acknowledged" }>, entry: OutboxEntry): void;
}

interface Local {
  readonly stored: StoredEntry;
  /** Not in the store yet. */
  readonly isNew: boolean;
  readonly live: Extract<OutboxState, { kind: "sending" | "sent" }> | null;
}

const tabMessageSchema = z.discriminatedUnion("t", [
  z.object({ t: z.literal("changed") }),
  z.object({ t: z.literal("sent"), clientId: clientIdSchema, seq: z.int(), sentAt: z.int() }),
]);

const NONE: readonly OutboxEntry[] = [];

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, locks, openChannel } = options.environment;
  const entries = new Map<ClientId, Local>();
  const shown = new Map<RoomId, readonly OutboxEntry[]>();
  const draining = new Set<RoomId>();
  const wanted = new Set<RoomId>();
  /** Until the next turn; `isAsked`: the server said when. */
  const waits = new Map<RoomId, { readonly isAsked: boolean; cancel(): void }>();
  const done = new Set<ClientId>();
  let store: OutboxStore | null = null;
  let channel: { post(message: unknown): void; close(): void } | null = null;
  let stopping = new AbortController();
  let lastOrder = 0;

  // ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

  function set(clientId: ClientId, next: Local | null): void {
    const roomId = (next ?? entries.get(clientId))?.stored.roomId;
    if (roomId === undefined) return;
    if (next === null) entries.delete(clientId);
    else entries.set(clientId, next);
    shown.delete(roomId);
    options.onChange(roomId);
  }

  function setLive(clientId: ClientId, live: Local["live"]): void {
    const known = entries.get(clientId);
    if (known !== undefined) set(clientId, { ...known, live });
  }

  /** Takes over what the store has; what another tab sent or discarded goes. */
  async function reload(): Promise<void> {
    if (store === null) return;
    const kept = await store.list();
    const ids = new Set(kept.map((entry) => entry.clientId));
    for (const entry of kept) {
      lastOrder = Math.max(lastOrder, entry.order);
      if (!done.has(entry.clientId)) takeOver(entry);
    }
    for (const [clientId, known] of entries) {
      if (!ids.has(clientId) && !known.isNew && known.live?.kind !== "sent") set(clientId, null);
    }
  }

  function takeOver(stored: StoredEntry): void {
    const known = entries.get(stored.clientId);
    const isKnown =
      known?.isNew === false && known.stored.failed === stored.failed && known.stored.attempts === stored.attempts;
    if (!isKnown) set(stored.clientId, { stored, isNew: false, live: known?.live ?? null });
  }

  /** It is out of the queue for good; a list of the store that was read before must not bring it back. */
  function finish(clientId: ClientId): void {
    done.add(clientId);
    const [oldest] = done;
    if (oldest !== undefined && done.size > LIMITS.outboxEntriesMax) done.delete(oldest);
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One turn at a time per room; asked again meanwhile, another one follows. */
  async function flush(roomId: RoomId, isForced = false): Promise<void> {
    if (isAskedToWait(roomId) && !isForced) return;
    endWait(roomId);
    wanted.add(roomId);
    if (store === null || draining.has(roomId)) return;
    draining.add(roomId);
    const { signal } = stopping;
    const lock = `ashchat-outbox:${options.name}:${roomId}`;
    while (!signal.aborted && wanted.delete(roomId) && !isAskedToWait(roomId)) {
      await locks.hold(lock, signal, () => drain(roomId, signal)).catch(ignoreAbort);
    }
    draining.delete(roomId);
    if (wanted.has(roomId)) void flush(roomId);
  }

  /** Ends: every round takes one entry out of the queue or ends the turn. */
  async function drain(roomId: RoomId, signal: AbortSignal): Promise<void> {
    let isGoing = true;
    while (isGoing && !signal.aborted) {
      await reload();
      const next = oldestQueued(roomId);
      if (next === undefined) return;
      setLive(next.clientId, { kind: "sending" });
      const outcome = await options.transmit(next);
      if (signal.aborted) return setLive(next.clientId, null);
      isGoing = await conclude(next, outcome);
    }
  }

  function oldestQueued(roomId: RoomId): StoredEntry | undefined {
    return [...entries.values()]
      .filter(
        ({ stored, live, isNew }) => stored.roomId === roomId && !isNew && stored.failed === null && live === null,
      )
      .map(({ stored }) => stored)
      .toSorted((a, b) => a.order - b.order)[0];
  }

  /** Whether the turn goes on with the next entry. */
  async function conclude(entry: StoredEntry, outcome: SendOutcome): Promise<boolean> {
    const { clientId } = entry;
    if (outcome.kind === "acknowledged") {
      options.onAcknowledged(outcome, shownEntry({ stored: entry, isNew: false, live: null }));
      await markSent(clientId, outcome);
      return true;
    }
    if (outcome.kind === "refused") return failWith(entry, outcome.code).then(() => true);
    const attempts = entry.attempts + (outcome.code === null ? 0 : 1);
    const internalErrors = entry.internalErrors + (outcome.code === "internal" ? 1 : 0);
    if (internalErrors >= LIMITS.outboxInternalErrorsMax) return failWith(entry, "internal").then(() => true);
    await change(clientId, { attempts, internalErrors });
    setLive(clientId, null);
    const delayMs =
      outcome.afterMs ?? Math.min(LIMITS.outboxRetryMaxMs, reconnectDelayMs(attempts + 1, clock.random()));
    endWait(entry.roomId);
    const cancel = clock.after(delayMs, () => void flush(entry.roomId, true));
    waits.set(entry.roomId, { isAsked: outcome.afterMs !== null, cancel });
    return false;
  }

  function isAskedToWait(roomId: RoomId): boolean {
    return waits.get(roomId)?.isAsked === true;
  }

  function endWait(roomId: RoomId): void {
    waits.get(roomId)?.cancel();
    waits.delete(roomId);
  }

  async function markSent(clientId: ClientId, { seq, sentAt }: { seq: number; sentAt: number }): Promise<void> {
    finish(clientId);
    setLive(clientId, { kind: "sent", seq, sentAt });
    await store?.remove(clientId);
    channel?.post({ t: "sent", clientId, seq, sentAt });
  }

  async function failWith(entry: StoredEntry, code: ErrorCode): Promise<void> {
    await change(entry.clientId, { attempts: entry.attempts + 1, failed: code });
    setLive(entry.clientId, null);
    channel?.post({ t: "changed" });
  }

  async function change(clientId: ClientId, next: EntryChange): Promise<void> {
    const updated = (await store?.update(clientId, next)) ?? null;
    const known = entries.get(clientId);
    if (updated !== null && known !== undefined) set(clientId, { ...known, stored: updated });
  }

  function flushAll(isForced = false): void {
    const rooms = [...entries.values()]
      .filter(({ stored }) => stored.failed === null)
      .map(({ stored }) => stored.roomId);
    for (const roomId of new Set(rooms)) void flush(roomId, isForced);
  }

  // ── other tabs ───────────────────────────────────────────────────────────────────────────────────────────────────

  function onTab(message: unknown): void {
    const parsed = tabMessageSchema.safeParse(message);
    if (!parsed.success) return;
    if (parsed.data.t === "sent") {
      const { clientId, seq, sentAt } = parsed.data;
      finish(clientId);
      return setLive(clientId, { kind: "sent", seq, sentAt });
    }
    // Waiting for the lock means taking over when that tab is closed before it was answered.
    void reload().then(() => flushAll());
  }

  async function keep(entry: Omit<StoredEntry, "order">): Promise<void> {
    const stored = await store?.add(entry);
    if (stored === undefined) return;
    lastOrder = Math.max(lastOrder, stored.order);
    if (done.has(entry.clientId)) return void store?.remove(entry.clientId);
    set(entry.clientId, { stored, isNew: false, live: null });
    channel?.post({ t: "changed" });
    void flush(entry.roomId);
  }

  async function retry(clientId: ClientId): Promise<void> {
    const known = entries.get(clientId);
    if (known === undefined || known.stored.failed === null) return;
    await change(clientId, { failed: null, attempts: 0, internalErrors: 0 });
    channel?.post({ t: "changed" });
    void flush(known.stored.roomId);
  }

  return {
    start() {
      if (store !== null) return;
      stopping = new AbortController();
      store = options.openStore(() => flushAll());
      channel = openChannel(`ashchat-outbox:${options.name}`, onTab);
      for (const { stored, isNew } of entries.values()) if (isNew) void keep(unnumbered(stored));
      void reload().then(() => flushAll());
    },
    stop() {
      stopping.abort();
      for (const roomId of waits.keys()) endWait(roomId);
      channel?.close();
      store?.close();
      store = null;
      channel = null;
    },
    isDurable: () => store?.isDurable ?? true,
    ofRoom(roomId) {
      const known = shown.get(roomId);
      if (known !== undefined) return known;
      const list = [...entries.values()].filter(({ stored }) => stored.roomId === roomId);
      const sorted = list.toSorted((a, b) => a.stored.order - b.stored.order).map(shownEntry);
      shown.set(roomId, sorted.length === 0 ? NONE : sorted);
      return shown.get(roomId) ?? NONE;
    },
    add({ roomId, clientId, text }) {
      if (entries.size >= LIMITS.outboxEntriesMax) return fail(appError("overloaded", "too many unsent messages"));
      const entry = { clientId, roomId, text, createdAt: clock.now(), attempts: 0, internalErrors: 0, failed: null };
      lastOrder += 1;
      set(clientId, { stored: { ...entry, order: lastOrder }, isNew: true, live: null });
      void keep(entry);
      return ok(null);
    },
    retry: (clientId) => void retry(clientId),
    retryAll(roomId) {
      for (const { stored } of entries.values()) {
        if (stored.failed !== null && (roomId === undefined || stored.roomId === roomId)) void retry(stored.clientId);
      }
    },
    discard(clientId) {
      const known = entries.get(clientId);
      if (known === undefined || known.live !== null) return;
      finish(clientId);
      set(clientId, null);
      void store?.remove(clientId).then(() => channel?.post({ t: "changed" }));
    },
    settle({ clientId, seq, sentAt }) {
      const known = entries.get(clientId);
      if (known !== undefined && known.live?.kind !== "sent") void markSent(clientId, { seq, sentAt });
    },
    forgetSent(roomId, seq) {
      for (const [clientId, { stored, live }] of entries) {
        if (stored.roomId === roomId && live?.kind === "sent" && live.seq <= seq) set(clientId, null);
      }
    },
    wake: () => flushAll(true),
  };
}

function shownEntry({ stored, live }: Local): OutboxEntry {
  const { clientId, roomId, text, createdAt, attempts, failed } = stored;
  const kept: OutboxState = failed === null ? { kind: "queued" } : { kind: "failed", code: failed };
  return { clientId, roomId, text, createdAt, attempts, state: live ?? kept };
}

/** The store alone gives numbers: one that was made up while there was none could be another entry's. */
function unnumbered({ order: _, ...entry }: StoredEntry): Omit<StoredEntry, "order"> {
  return entry;
}

/** The only rejection of a lock: this outbox was stopped while it waited. Anything else is a defect and surfaces. */
function ignoreAbort(cause: unknown): void {
  if (!(cause instanceof DOMException && cause.name === "AbortError")) throw cause;
}
