import { fail, ok, type Result } from "@ashchat/contracts/result";
import { appError, type AppError } from "@ashchat/contracts/errors";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startTurns } from "./turns";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a turn that takes long is not joined by another, and closing waits for it", async () => {
  let started = 0;
  let finish = (_: Result<void, AppError>): void => {};
  const turns = startTurns({
    turn: () => {
      started += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    intervalMs: 10,
    onError: () => undefined,
  });
  await vi.advanceTimersByTimeAsync(55);
  expect(started).toBe(1);
  finish(ok(undefined));
  await vi.advanceTimersByTimeAsync(10);
  expect(started).toBe(2);

  let isClosed = false;
  const closing = turns.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(50);
  expect(isClosed).toBe(false);
  finish(ok(undefined));
  await closing;
  await vi.advanceTimersByTimeAsync(50);
  expect(started).toBe(2);
});

test("a turn that fails or throws is reported, and the next comes as usual", async () => {
  const failure = appError("unavailable", "away");
  const thrown = new Error("mistake");
  const errors: unknown[] = [];
  let count = 0;
  const turns = startTurns({
    async turn() {
      count += 1;
      if (count === 1) return fail(failure);
      if (count === 2) throw thrown;
      return ok(undefined);
    },
    intervalMs: 10,
    onError: (error) => void errors.push(error),
  });
  await vi.advanceTimersByTimeAsync(35);
  expect(count).toBe(3);
  expect(errors).toEqual([failure, thrown]);
  await turns.close();
});
