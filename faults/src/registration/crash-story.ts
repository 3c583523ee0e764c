import { expect } from "vitest";
import type { Answer } from "./browser";
import { deedAt, type CrashingProcess, type CrashPointName } from "./crash-points";
import type { House } from "./house";
import {
  confirmWithMail,
  expectOneAccount,
  expectSignIn,
  newPerson,
  register,
  registered,
  type Person,
} from "./person";

export interface Crash {
  readonly process: CrashingProcess;
  readonly point: CrashPointName;
}

/**
 * A person signs up, a process dies at the step, starts again, and the person goes on with what they have in hand. Before
 * the death there may be an account or none, afterwards there is exactly one.
 */
export async function liveThroughCrash(house: House, crash: Crash): Promise<void> {
  const before = house.pid(crash.process);
  const person = await DEEDS[deedAt(crash.point)](house, crash);
  expect(house.pid(crash.process)).not.toBe(before);
  await confirmWithMail(house, person);
  await expectOneAccount(house, person);
  await expectSignIn(person);
  // The same send always mails the same code, however often it was delivered.
  const codes = new Set(await house.mailedCodes(person.email));
  expect(codes.size).toBeLessThanOrEqual(person.sends);
}

type Deed = (house: House, crash: Crash) => Promise<Person & { sends: number }>;

const DEEDS: Record<ReturnType<typeof deedAt>, Deed> = {
  async register(house, crash) {
    const person = newPerson(house);
    const answer = await dieDuring(house, crash, () => register(person));
    expect(await house.account(person.email)).toEqual({ users: [], profiles: 0 });
    if (answer !== null) return { ...person, sends: 1 };
    expect(await register(person)).toMatchObject({ code: null });
    return { ...person, sends: 2 };
  },

  /** After the death the first code is still good, or the second, whichever was mailed last. */
  async resend(house, crash) {
    const person = await registered(house);
    await house.letResend(person.registrationId);
    await dieDuring(house, crash, () => person.browser.call("resendCode"));
    expect(await house.account(person.email)).toEqual({ users: [], profiles: 0 });
    return { ...person, sends: 2 };
  },

  async confirm(house, crash) {
    const person = await registered(house);
    await dieDuring(house, crash, () => person.browser.call("confirmEmail", { code: person.code }));
    const { users } = await house.account(person.email);
    expect(users.length).toBeLessThanOrEqual(1);
    return { ...person, sends: 1 };
  },
};

/** Null: the connection broke before the answer. */
async function dieDuring(house: House, { process, point }: Crash, deed: () => Promise<Answer>): Promise<Answer | null> {
  house.armCrash(point);
  const answering = deed().catch(() => null);
  await house.recoverFromCrash(process);
  const answer = await answering;
  if (answer !== null) expect(answer.status).not.toBe(500);
  return answer;
}
