import { LIMITS } from "@ashchat/contracts/limits";
import { expect, test } from "vitest";
import { createBreaker } from "./breaker";

function broken() {
  let now = 1_000;
  const breaker = createBreaker({ now: () => now });
  for (let failure = 0; failure < LIMITS.engineFailuresMax; failure += 1) breaker.failed();
  return { breaker, pass: (ms: number) => (now += ms) };
}

test("opens only after the failures in a row, a success in between starts the count again", () => {
  const breaker = createBreaker({ now: () => 0 });
  for (let failure = 1; failure < LIMITS.engineFailuresMax; failure += 1) breaker.failed();
  breaker.succeeded();
  for (let failure = 1; failure < LIMITS.engineFailuresMax; failure += 1) breaker.failed();
  expect(breaker.mayTry()).toBe(true);
  breaker.failed();
  expect(breaker.mayTry()).toBe(false);
});

test("after the rest one request passes, and its success closes", () => {
  const { breaker, pass } = broken();
  pass(LIMITS.engineRestMs - 1);
  expect(breaker.mayTry()).toBe(false);
  pass(1);
  expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, false]);
  breaker.succeeded();
  expect([breaker.mayTry(), breaker.isOpen()]).toEqual([true, false]);
});

test("a failed trial doubles the rest, up to the maximum", () => {
  const { breaker, pass } = broken();
  for (let restMs = LIMITS.engineRestMs; restMs < LIMITS.engineRestMsMax * 4; restMs *= 2) {
    const rest = Math.min(restMs, LIMITS.engineRestMsMax);
    pass(rest - 1);
    expect(breaker.mayTry()).toBe(false);
    pass(1);
    expect(breaker.mayTry()).toBe(true);
    breaker.failed();
  }
});

test("late failures of earlier requests do not prolong the rest", () => {
  const { breaker, pass } = broken();
  pass(LIMITS.engineRestMs / 2);
  breaker.failed();
  pass(LIMITS.engineRestMs / 2);
  expect(breaker.mayTry()).toBe(true);
});
