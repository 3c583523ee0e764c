import { codeSentSchema, confirmEmailOutputSchema } from "@ashchat/contracts/api";
import { ERROR_CODES } from "@ashchat/contracts/errors";
import { ProcedureError, type Visitor } from "@ashchat/visitor/browser";
import { between, pick, type Random } from "@ashchat/visitor/random";
import { codeFor } from "@ashchat/visitor/sign-up";
import { pause, until } from "./nemesis";
import { openDoor, PASSWORD, type Door } from "./people";
import { RUN_LANGUAGES } from "./texts";

/**
 * How one registration ended for the person who tried it. `unknown`: the right code was entered, no clear answer came, also not
 * when everything was well again. `no_mail`: a code was promised, and none came.
 */
export interface Attempt {
  email: string;
  outcome: "confirmed" | "abandoned" | "unknown" | "no_mail" | "never_begun";
}

/** Together as many as one address gets mails in an hour; the last when the faults are over. */
const REGISTER_TRIES = 2;
const REGISTER_TRIES_AFTERWARDS = 1;
/** One below the tries that a code has: the last is for a mail that was overtaken by another. */
const CONFIRM_TRIES = 4;
const BETWEEN_TRIES_MS = 3_000;

/**
 * Registers strangers one after the other until `isOver`: about every third leaves after a wrong code. What the faults
 * make of it is the product's affair; the person tries again as people do, and once more when the faults are over.
 */
export async function runRegistrations(options: {
  door: Door;
  count: number;
  random: Random;
  isOver: () => boolean;
}): Promise<Attempt[]> {
  const { door, count, random, isOver } = options;
  const running: Promise<Attempt>[] = [];
  for (let number = 0; number < count && !isOver(); number += 1) {
    const email = `stranger-${number}@people.test`;
    running.push(attempt({ door, email, random, isAbandoned: number % 3 === 2, isOver }));
    await pause(between(random, 2_000, 5_000));
  }
  return Promise.all(running);
}

async function attempt(options: {
  door: Door;
  email: string;
  random: Random;
  isAbandoned: boolean;
  isOver: () => boolean;
}): Promise<Attempt> {
  const { door, email, random, isAbandoned, isOver } = options;
  const visitor = openDoor(door);
  const language = pick(random, RUN_LANGUAGES);
  const person = { email, password: PASSWORD, name: "Stranger", language, uiLanguage: language };
  const register = () => visitor.mutate("account.register", person, codeSentSchema);
  let begun = await tried(REGISTER_TRIES, register);
  if (begun === "unknown") {
    await until(isOver);
    begun = await tried(REGISTER_TRIES_AFTERWARDS, register);
  }
  if (begun !== "yes") return { email, outcome: "never_begun" };
  const code = await codeInTime(email, door, isOver);
  if (code === null) return { email, outcome: "no_mail" };
  if (isAbandoned) {
    await confirm(visitor, otherThan(code));
    return { email, outcome: "abandoned" };
  }
  if ((await confirm(visitor, code)) === "yes") return { email, outcome: "confirmed" };
  await until(isOver);
  // Who registered again meanwhile has another code by now.
  const newest = (await codeInTime(email, door, isOver)) ?? code;
  return { email, outcome: (await confirm(visitor, newest)) === "yes" ? "confirmed" : "unknown" };
}

/** A worker may be away while the person waits; when the faults are over the mail has to come. */
async function codeInTime(email: string, door: Door, isOver: () => boolean): Promise<string | null> {
  const code = await codeFor(email, door.inboxUrl).catch(() => null);
  if (code !== null) return code;
  await until(isOver);
  return codeFor(email, door.inboxUrl).catch(() => null);
}

function confirm(visitor: Visitor, code: string): Promise<"yes" | "no" | "unknown"> {
  return tried(CONFIRM_TRIES, () => visitor.mutate("account.confirmEmail", { code }, confirmEmailOutputSchema));
}

function otherThan(code: string): string {
  return code.slice(0, -1) + String((Number(code.at(-1)) + 1) % 10);
}

/** `no`: refused for good. `unknown`: no clear answer in all tries. */
async function tried(tries: number, run: () => Promise<unknown>): Promise<"yes" | "no" | "unknown"> {
  for (let left = tries; left > 0; left -= 1) {
    try {
      await run();
      return "yes";
    } catch (cause) {
      if (cause instanceof ProcedureError && cause.code !== null && !ERROR_CODES[cause.code].retryable) return "no";
    }
    await pause(BETWEEN_TRIES_MS);
  }
  return "unknown";
}
