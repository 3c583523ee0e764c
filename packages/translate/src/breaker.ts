import { LIMITS } from "@ashchat/contracts/limits";
import type { Clock } from "@ashchat/core/ports";

/**
 * Leaves an engine in peace that fails again and again.
 *
 * closed ── failuresMax failures in a row ──▶ open for restMs ── time is up ──▶ trying: ONE request may pass
 *   ▲                                           ▲  doubled, at most restMsMax │
 *   └───────────────── success ─────────────────┴────────── failure ◀─────────┘
 */
export interface Breaker {
  /** Whether a request may be made now; while trying, true for one caller only, who must report how it went. */
  mayTry(): boolean;
  isOpen(): boolean;
  succeeded(): void;
  failed(): void;
}

export function createBreaker(clock: Clock): Breaker {
  let failures = 0;
  let restMs: number = LIMITS.engineRestMs;
  let openUntil: number | null = null;
  let isTrying = false;

  return {
    mayTry() {
      if (openUntil === null) return true;
      if (isTrying || clock.now() < openUntil) return false;
      isTrying = true;
      return true;
    },
    isOpen: () => openUntil !== null,
    succeeded() {
      failures = 0;
      restMs = LIMITS.engineRestMs;
      openUntil = null;
      isTrying = false;
    },
    failed() {
      failures += 1;
      if (openUntil === null && failures < LIMITS.engineFailuresMax) return;
      // A request that began before the breaker opened says nothing new.
      if (openUntil !== null && !isTrying) return;
      if (isTrying) restMs = Math.min(restMs * 2, LIMITS.engineRestMsMax);
      openUntil = clock.now() + restMs;
      isTrying = false;
    },
  };
}
