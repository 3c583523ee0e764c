import { LIMITS } from "@ashchat/contracts/limits";
import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openHouse, type House } from "./house";
import { expectOneAccount, registered, type Person } from "./person";
import { IS_FULL, TEST_MS } from "./scale";

const SECOND_MS = 1_000;
const BEFORE_MS = LIMITS.codeTtlMs - SECOND_MS;
const AFTER_MS = LIMITS.codeTtlMs + SECOND_MS;

let house: House;
beforeAll(async () => {
  house = await openHouse(3);
}, TEST_MS);
afterAll(() => house.close(), TEST_MS);

/**
 * Lets a registration become `ageMs` old. The full programme waits ten real minutes. The short one takes what is missing
 * off the time that Redis still gives it, and where nothing is left waits until Redis itself has let it go.
 */
async function letAge(registrationId: string, { bornAt, ageMs }: { bornAt: number; ageMs: number }): Promise<void> {
  if (IS_FULL) {
    const dueAt = bornAt + ageMs;
    await waitFor(() => Date.now() >= dueAt, { deadlineMs: ageMs + SECOND_MS, what: "the time to pass" });
    return;
  }
  const key = `${house.namespace}:pending:${registrationId}`;
  const leftMs = (await house.redis.pttl(key)) - (ageMs - (Date.now() - bornAt));
  await house.redis.pexpire(key, Math.max(1, leftMs));
  if (leftMs <= 0) await waitFor(async () => (await house.redis.exists(key)) === 0, { what: "Redis to let it go" });
}

/** Its ten minutes begin when Redis begins to count them. */
async function born(): Promise<{ person: Person & { code: string; registrationId: string }; bornAt: number }> {
  const person = await registered(house);
  const ttlMs = await house.redis.pttl(`${house.namespace}:pending:${person.registrationId}`);
  expect(ttlMs).toBeLessThanOrEqual(LIMITS.codeTtlMs);
  return { person, bornAt: Date.now() - (LIMITS.codeTtlMs - ttlMs) };
}

it(
  "a code is good at 9:59 and makes the account, at 10:01 it has expired and makes none",
  async () => {
    const [early, late] = [await born(), await born()];
    const at = async ({ person, bornAt }: typeof early, ageMs: number) => {
      await letAge(person.registrationId, { bornAt, ageMs });
      return person.browser.call("confirmEmail", { code: person.code });
    };
    expect(await at(early, BEFORE_MS)).toMatchObject({ status: 200, code: null });
    expect(await at(late, AFTER_MS)).toMatchObject({ status: 400, code: "code_expired", retryable: false });
    await expectOneAccount(house, early.person);
    expect(await house.account(late.person.email)).toEqual({ users: [], profiles: 0 });
  },
  TEST_MS,
);
