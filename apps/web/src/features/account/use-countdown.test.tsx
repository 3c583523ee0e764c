// @vitest-environment happy-dom
import { renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { useCountdown } from "./use-countdown";

afterEach(() => {
  vi.useRealTimers();
});

it("a countdown that begins again after a long rest begins with the time that is left", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 });
  const { result, rerender } = renderHook(({ untilMs }) => useCountdown(untilMs), { initialProps: { untilMs: 0 } });
  expect(result.current).toBe(0);
  vi.setSystemTime(Date.now() + 5 * 60_000);
  rerender({ untilMs: Date.now() + 60_000 });
  expect(result.current).toBe(60);
});
