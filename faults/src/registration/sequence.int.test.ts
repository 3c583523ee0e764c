import { LIMITS } from "@ashchat/contracts/limits";
import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { registrationOf } from "./browser";
import { duplicateMessages } from "./duplicator";
import { guessCodes } from "./guesses";
import { addressOf, openHouse, type House } from "./house";
import { confirmWithMail, expectOneAccount, expectSignIn, newestCode, newPerson, register, registered } from "./person";
import { note } from "./report";
import { SCALE, TEST_MS } from "./scale";

const TIMES = 3;
const SUBMITS = 500;
const CONFIRMS_PER_NETWORK_AND_HOUR = 150;
const OTHER_ADDRESSES = 60_000;

let house: House;
beforeAll(async () => {
  house = await openHouse(2);
}, TEST_MS);
afterAll(() => house.close(), TEST_MS);

it(
  `P12: every queue message ${TIMES} times makes one account with one profile, and every mail of a send has the same code`,
  async () => {
    const duplicator = await duplicateMessages(house.namespace, TIMES);
    for (let number = 0; number < SCALE.duplicated; number += 1) {
      const person = newPerson(house);
      expect(await register(person)).toMatchObject({ code: null });
      await newestCode(house, person.email, TIMES);
      expect(new Set(await house.mailedCodes(person.email)).size).toBe(1);
      await house.letResend(registrationOf(person.browser) ?? "");
      expect(await person.browser.call("resendCode")).toMatchObject({ code: null });
      await newestCode(house, person.email, 2 * TIMES);
      await confirmWithMail(house, person);
      await expectOneAccount(house, person);
      const [second, ...rest] = await house.mailedCodes(person.email);
      expect(rest.filter((code) => code === second)).toHaveLength(TIMES - 1);
      expect(new Set(rest).size).toBe(2);
    }
    const one = SCALE.duplicated;
    await waitFor(() => duplicator.seen().PROFILE_CREATION_QUEUE >= one);
    expect(duplicator.seen()).toMatchObject({ ACCOUNT_CREATION_QUEUE: 2 * one, PROFILE_CREATION_QUEUE: one });
    await duplicator.close();
  },
  TEST_MS,
);

it(
  `P12: the right code, ${SUBMITS} times at once from ${SUBMITS} networks, makes one account, and no answer is a final no`,
  async () => {
    const person = await registered(house);
    const answers = await Promise.all(
      Array.from({ length: SUBMITS }, (_, number) =>
        person.browser.at(addressOf(OTHER_ADDRESSES + number)).call("confirmEmail", { code: person.code }),
      ),
    );
    const refused = answers.filter(({ code }) => code !== null);
    expect(refused.filter(({ status, retryable }) => status === 500 || !retryable)).toEqual([]);
    expect(answers.length - refused.length).toBeGreaterThan(0);
    note(`parallel: ${answers.length - refused.length} yes, ${refused.length} refused for now`);
    await expectOneAccount(house, person);
    await expectSignIn(person);
  },
  TEST_MS,
);

it(
  `${SCALE.guesses} guesses from ${SCALE.guessAddresses} networks open nothing: after five wrong tries the right code is refused`,
  async () => {
    const report = await guessCodes(house, { guesses: SCALE.guesses, addresses: SCALE.guessAddresses });
    note(
      `guesses: ${JSON.stringify(report.answers)}, judged ${report.judged}, of ${report.registrations} registrations`,
    );
    expect(report.opened).toBe(0);
    expect(report.registrations).toBe(LIMITS.codeSendsPerHour);
    expect(report.judged).toBe(LIMITS.codeSendsPerHour * LIMITS.codeTriesMax);
    expect(report.letThroughFromOne).toBe(CONFIRMS_PER_NETWORK_AND_HOUR);
    expect(report.failed).toEqual([]);
    expect(await house.account(report.email)).toEqual({ users: [], profiles: 0 });
    const bystander = await registered(house);
    await confirmWithMail(house, bystander);
  },
  TEST_MS,
);
