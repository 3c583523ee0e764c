"use client";

import { useEffect, useState } from "react";

const SECOND_MS = 1_000;

/** Whole seconds left until `untilMs` (milliseconds since the epoch), 0 when it has passed. */
export function useCountdown(untilMs: number): number {
  const [{ of, now }, setNow] = useState(() => ({ of: untilMs, now: Date.now() }));
  // Another countdown begins with the present, not with the last second of the one before.
  if (of !== untilMs) setNow({ of: untilMs, now: Date.now() });
  const left = Math.max(0, Math.ceil((untilMs - now) / SECOND_MS));
  const isOver = left === 0;
  useEffect(() => {
    if (isOver) return;
    const timer = setInterval(() => setNow({ of: untilMs, now: Date.now() }), SECOND_MS);
    return () => clearInterval(timer);
  }, [isOver, untilMs]);
  return left;
}
