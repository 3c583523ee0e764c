import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { fail } from "@ashchat/contracts/result";
import type { Outcome } from "../ports";

/**
 * Who may send when more comes than can be stored in time (P11). The sends of a process that are not stored yet share a
 * window; beyond it they are refused at once with `overloaded` and a time for the next try, never queued.
 *
 * The window follows what the house can do. Every `sendWindowIntervalMs` the mean time of the sends that ended is compared with
 * `sendDelayTargetMs`; where none ended, the time since the last end counts. Above the target the window shrinks, in proportion,
 * from what was really in flight; fewer than `sendWindowMin` are no queue of ours, however slow they are. Below the target it
 * grows by a tenth, beyond its first size only while it is being used. One room gets at most half of it (but `sendWindowMin`), so
 * that a room that is stuck does not stop the others.
 *
 * Taking a send in costs the process time too. What arrived together is taken in for `sendTurnMs`, the rest is refused: else a
 * sudden load filled the window in one turn of the event loop, and those who are to be refused waited for all of it.
 */
export interface SendAdmission {
  /** Runs `send` in a place of the window. Adds the error `overloaded`, with `retryAfterMs`. */
  run<Value>(roomId: RoomId, send: () => Outcome<Value>): Outcome<Value>;
  /** How many sends may be in flight now. */
  windowSize(): number;
}

export interface SendAdmissionOptions {
  readonly limits: Readonly<
    Record<
      | "sendDelayTargetMs"
      | "sendWindowIntervalMs"
      | "sendWindowMin"
      | "sendWindowFirst"
      | "sendWindowMax"
      | "sendTurnMs"
      | "overloadedRetryMinMs"
      | "overloadedRetryMaxMs",
      number
    >
  >;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly random: () => number;
  /** Runs it when everything that has arrived by now has been taken in or refused. */
  readonly afterTurn: (run: () => void) => void;
}

const GROWTH = 1.1;
/** One interval takes at most half of the window away, and at least a tenth. */
const SHRINK_MIN = 0.5;
const SHRINK_MAX = 0.9;
const ROOM_SHARE = 0.5;

export function createSendAdmission({ limits, now, random, afterTurn }: SendAdmissionOptions): SendAdmission {
  const ofRoom = new Map<RoomId, number>();
  let window: number = limits.sendWindowFirst;
  let inFlight = 0;
  let lastEndAt = now();
  let turnBeganAt: number | null = null;
  let interval = { beganAt: now(), ended: 0, totalMs: 0, peak: 0 };

  /** Called before every change of what is in flight: in an interval that lasted longer, nothing happened after its first. */
  function look(): void {
    const time = now();
    const elapsed = Math.floor((time - interval.beganAt) / limits.sendWindowIntervalMs);
    if (elapsed < 1) return;
    const { ended, totalMs, peak } = interval;
    interval = { beganAt: time, ended: 0, totalMs: 0, peak: inFlight };
    const stalledMs = inFlight > 0 ? time - lastEndAt : 0;
    const delayMs = Math.max(ended > 0 ? totalMs / ended : 0, stalledMs);
    if (delayMs <= limits.sendDelayTargetMs) grow(peak);
    else if (peak >= limits.sendWindowMin) shrink(peak, limits.sendDelayTargetMs / delayMs);
    for (let idle = 1; idle < elapsed && inFlight === 0 && window < limits.sendWindowFirst; idle += 1) grow(0);
  }

  function shrink(peak: number, share: number): void {
    const left = Math.floor(Math.min(window, peak) * Math.min(SHRINK_MAX, Math.max(SHRINK_MIN, share)));
    window = Math.max(limits.sendWindowMin, left);
  }

  function grow(peak: number): void {
    const isUsed = peak >= window * ROOM_SHARE;
    const max = isUsed ? limits.sendWindowMax : Math.max(window, limits.sendWindowFirst);
    window = Math.min(max, Math.ceil(window * GROWTH));
  }

  function mayEnter(roomId: RoomId): boolean {
    look();
    const roomMax = Math.max(limits.sendWindowMin, window * ROOM_SHARE);
    return inFlight < window && (ofRoom.get(roomId) ?? 0) < roomMax && !isTurnFull();
  }

  function isTurnFull(): boolean {
    return turnBeganAt !== null && inFlight >= limits.sendWindowMin && now() - turnBeganAt > limits.sendTurnMs;
  }

  function beginTurn(): void {
    if (turnBeganAt !== null) return;
    turnBeganAt = now();
    afterTurn(() => (turnBeganAt = null));
  }

  function enter(roomId: RoomId): void {
    if (inFlight === 0) lastEndAt = now();
    beginTurn();
    inFlight += 1;
    interval.peak = Math.max(interval.peak, inFlight);
    ofRoom.set(roomId, (ofRoom.get(roomId) ?? 0) + 1);
  }

  function leave(roomId: RoomId, enteredAt: number): void {
    look();
    inFlight -= 1;
    const left = (ofRoom.get(roomId) ?? 0) - 1;
    if (left > 0) ofRoom.set(roomId, left);
    else ofRoom.delete(roomId);
    lastEndAt = now();
    interval.ended += 1;
    interval.totalMs += lastEndAt - enteredAt;
  }

  /** Spread out, so that those who were refused together do not come back together. */
  function retryAfterMs(): number {
    const { overloadedRetryMinMs: min, overloadedRetryMaxMs: max } = limits;
    return Math.round(min + random() * (max - min));
  }

  return {
    async run(roomId, send) {
      if (!mayEnter(roomId)) {
        return fail(appError("overloaded", "too many sends in flight", { retryAfterMs: retryAfterMs() }));
      }
      enter(roomId);
      const enteredAt = now();
      try {
        return await send();
      } finally {
        leave(roomId, enteredAt);
      }
    },
    windowSize: () => window,
  };
}
