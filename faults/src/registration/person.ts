import { waitFor } from "@ashchat/runtime/testing";
import { expect } from "vitest";
import type { Answer, Browser } from "./browser";
import { registrationOf } from "./browser";
import type { House } from "./house";

const PASSWORD = "correct horse battery";
const MAIL_MS = 30_000;
/** The sweep looks every 5 s for accounts that are older than 15 s; a message set aside comes again within a second. */
const SETTLED_MS = 45_000;

/** Somebody who signs up and does not give up: what fails is tried again, as people do. */
export interface Person {
  readonly email: string;
  readonly browser: Browser;
}

export function newPerson(house: House): Person {
  return { email: house.newEmail(), browser: house.browser() };
}

export function register({ email, browser }: Person): Promise<Answer> {
  const form = { email, password: PASSWORD, name: "Ana", language: "es", uiLanguage: "es" };
  return browser.call("register", form);
}

/** A yes to the registration, and its code from the mail. */
export async function registered(house: House): Promise<Person & { code: string; registrationId: string }> {
  const person = newPerson(house);
  expect(await register(person)).toMatchObject({ code: null });
  const registrationId = registrationOf(person.browser);
  if (registrationId === null) throw new Error("no registration cookie");
  return { ...person, code: await newestCode(house, person.email), registrationId };
}

export function newestCode(house: House, email: string, mails = 1): Promise<string> {
  const look = async () => {
    const codes = await house.mailedCodes(email);
    return codes.length >= mails ? codes[0] : null;
  };
  return waitFor(look, { deadlineMs: MAIL_MS, what: `mail ${mails} to ${email}` });
}

/** Enters the mailed codes, the newest first, until one is right; a refusal that may pass is tried again. */
export async function confirmWithMail(house: House, { email, browser }: Person): Promise<void> {
  const wrong = new Set<string>();
  const enter = async () => {
    const code = (await house.mailedCodes(email)).find((one) => one !== null && !wrong.has(one));
    if (code === undefined || code === null) return false;
    const answer = await browser.call("confirmEmail", { code });
    if (answer.code === "code_wrong") wrong.add(code);
    else if (answer.code !== null && !answer.retryable) throw new Error(`the right code was answered ${answer.code}`);
    return answer.code === null;
  };
  await waitFor(enter, { deadlineMs: MAIL_MS, what: `a right code for ${email}` });
}

/** P12: one account under the registration's id, one profile, nothing owed. */
export async function expectOneAccount(house: House, { email, browser }: Person): Promise<void> {
  const look = async () => {
    const state = await house.account(email);
    const [user] = state.users;
    return user !== undefined && !user.owesProfile && state.profiles > 0 ? state : null;
  };
  const state = await waitFor(look, { deadlineMs: SETTLED_MS, what: `the account of ${email}` });
  expect(state).toEqual({ users: [{ id: registrationOf(browser), owesProfile: false }], profiles: 1 });
}

export async function expectSignIn({ email, browser }: Person): Promise<void> {
  expect(await browser.signIn(email, PASSWORD)).toMatchObject({ status: 200, code: null });
}
