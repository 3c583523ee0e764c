import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor } from "@ashchat/contracts/message";
import { resumeCursor } from "@ashchat/core/sync/room-state";
import { resumeNow } from "@ashchat/core/sync/settle";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";
import type { RoomStore } from "./room-store";
import { SIGNED_OUT_CODES } from "./socket";

/**
 * While the socket is down: asks over HTTP every LIMITS.fallbackPollMs for what came after the cursors, less often where
 * answers take long. An answer that arrives when the socket is live again is thrown away, so that the answers of two ways
 * never mix.
 */
interface Poller {
  start(): void;
  stop(): void;
  /** Something is missing: ask now, unless it was asked a moment ago or the server is to rest. */
  nudge(): void;
}

interface PollerOptions {
  readonly api: Pick<RealtimeApi, "resume">;
  readonly clock: Clock;
  readonly rooms: RoomStore;
  /** `realtimeSince` as the last answer said it. */
  onResult(isReached: boolean, realtimeSince: number | null): void;
  /** The server knows this session no more. */
  onSignedOut(): void;
}

type RoomCursor = { readonly roomId: RoomId } & Cursor;

/** A room that has still more after so many pages goes on with the next poll. */
const ROUNDS_MAX = 20;
/** Rooms in one call: they travel in the address, about 110 characters each, and headers end at 16 KB. */
const POLL_ROOMS = 50;
const NUDGE_AFTER_MS = 1_000;
/** Whoever lost the same server begins to ask spread over this time; most are connected again before. */
const FIRST_POLL_WITHIN_MS = 2_000;
/** A poll rests so many times as long as its answer took: however many ask, what they ask for does not pile up. */
const REST_PER_ANSWER = 4;
const REST_MS_MAX = 15_000;

export function createPoller({ api, clock, rooms, ...options }: PollerOptions): Poller {
  let turn = 0;
  let isRunning = false;
  let isAsking = false;
  let askedAt = 0;
  /** Until then not even a nudge asks: the server is to rest. */
  let restsUntil = 0;
  let realtimeSince: number | null = null;
  let cancel = () => {};

  function schedule(ms: number): void {
    cancel();
    cancel = clock.after(ms, () => void poll());
  }

  async function poll(): Promise<void> {
    const own = turn;
    isAsking = true;
    askedAt = clock.now();
    const isReached = await resumeAll(own);
    if (own !== turn || !isRunning) return;
    isAsking = false;
    options.onResult(isReached, realtimeSince);
    const restMs = Math.min(REST_PER_ANSWER * (clock.now() - askedAt), REST_MS_MAX);
    restsUntil = clock.now() + restMs;
    schedule(Math.max(LIMITS.fallbackPollMs, restMs));
  }

  async function resumeAll(own: number): Promise<boolean> {
    const all = begin();
    for (let start = 0; start === 0 || start < all.length; start += POLL_ROOMS) {
      const isReached = await resumePart(own, all.slice(start, start + POLL_ROOMS));
      if (!isReached) return false;
    }
    return true;
  }

  async function resumePart(own: number, part: RoomCursor[]): Promise<boolean> {
    let cursors = part;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const answer = await api.resume({ cursors });
      if (own !== turn) return false;
      if (!answer.ok && SIGNED_OUT_CODES.has(answer.error.code)) options.onSignedOut();
      if (!answer.ok) return !answer.error.retryable;
      realtimeSince = answer.value.realtimeSince;
      cursors = apply(cursors, answer.value);
      if (cursors.length === 0) return true;
    }
    return true;
  }

  /** From where every room asks; its state knows that it did. */
  function begin(): RoomCursor[] {
    return [...rooms.states().values()].map((state) => {
      rooms.take({ state: resumeNow(state, clock.now()).state, effects: [] });
      return { roomId: state.roomId, ...resumeCursor(state) };
    });
  }

  /** Returns from where the rooms that have more go on. */
  function apply(asked: readonly RoomCursor[], { pages, resync }: ResumeAnswer): RoomCursor[] {
    const dropped = new Set(resync);
    for (const roomId of dropped) rooms.hear({ t: "resync", roomId });
    const byRoom = new Map(pages.map((page) => [page.roomId, page]));
    const next: RoomCursor[] = [];
    for (const { roomId, seq, changeSeq } of asked) {
      const page = byRoom.get(roomId);
      if (page !== undefined) rooms.hear({ t: "page", ...page });
      if (page?.more) next.push({ roomId, ...page.to });
      else if (!dropped.has(roomId)) rooms.hear({ t: "caught_up", roomId, cursor: page?.to ?? { seq, changeSeq } });
    }
    return next;
  }

  return {
    start() {
      if (isRunning) return;
      isRunning = true;
      turn += 1;
      isAsking = false;
      const waitMs = clock.random() * FIRST_POLL_WITHIN_MS;
      restsUntil = clock.now() + waitMs;
      schedule(waitMs);
    },
    stop() {
      isRunning = false;
      turn += 1;
      cancel();
    },
    nudge() {
      if (!isRunning || isAsking) return;
      schedule(Math.max(0, Math.max(askedAt + NUDGE_AFTER_MS, restsUntil) - clock.now()));
    },
  };
}

type ResumeAnswer = Extract<Awaited<ReturnType<RealtimeApi["resume"]>>, { ok: true }>["value"];
