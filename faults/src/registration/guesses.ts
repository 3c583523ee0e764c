import { LIMITS } from "@ashchat/contracts/limits";
import type { Answer, Browser } from "./browser";
import { addressOf, type House } from "./house";
import { newestCode, register } from "./person";

export interface GuessReport {
  readonly email: string;
  /** Registrations of the one address that were let through. */
  readonly registrations: number;
  /** Guesses by answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** Guesses whose answer told right from wrong, by the counter of the process that compares. */
  readonly judged: number;
  /** Of those that came from one address in a row, how many were asked of anybody at all. */
  readonly letThroughFromOne: number;
  /** Yes to anything. */
  readonly opened: number;
  /** Answers that are neither a no nor a refusal that may pass. */
  readonly failed: readonly Answer[];
}

const AT_ONCE = 25;
/** More than one address may ask in an hour. */
const GUESSES_FROM_ONE = 160;
const FIRST_ADDRESS = 100_000;

/**
 * Somebody with many addresses wants the account of an e-mail address that is not theirs: registers it as often as they are
 * let, and guesses, with the right code among the guesses once five wrong ones are spent.
 */
export async function guessCodes(
  house: House,
  { guesses, addresses }: { guesses: number; addresses: number },
): Promise<GuessReport> {
  const email = house.newEmail();
  const attempts: Browser[] = [];
  for (let number = 0; number < addresses; number += 1) {
    const browser = house.browser(addressOf(FIRST_ADDRESS + number));
    if ((await register({ email, browser })).code === null) attempts.push(browser);
  }
  await newestCode(house, email, attempts.length);
  const mailed = await house.mailedCodes(email);
  const judgedBefore = await judged(house);
  const answers: Answer[] = [];
  const ask = async (number: number, code: string) => {
    const address = addressOf(FIRST_ADDRESS + (number % addresses));
    const answer = await attempts[number % attempts.length]?.at(address).call("confirmEmail", { code });
    if (answer !== undefined) answers.push(answer);
  };
  const wrong = wrongCodes(mailed, guesses);
  const spent = attempts.length * LIMITS.codeTriesMax;
  await inTurns(wrong.slice(0, spent), (code, number) => ask(number, code));
  // From here on every tenth guess is a right one.
  await inTurns(wrong.slice(spent), (code, number) =>
    ask(number, number % 10 === 0 ? (mailed[number % 3] ?? code) : code),
  );
  const loud = attempts[0]?.at(addressOf(FIRST_ADDRESS - 1));
  const before = answers.length;
  for (let number = 0; number < GUESSES_FROM_ONE && loud !== undefined; number += 1) {
    answers.push(await loud.call("confirmEmail", { code: mailed.at(-1) }));
  }
  return {
    letThroughFromOne: answers.slice(before).filter(({ code }) => code !== "rate_limited").length,
    email,
    registrations: attempts.length,
    answers: countBy(answers),
    judged: (await judged(house)) - judgedBefore,
    opened: answers.filter(({ code }) => code === null).length,
    failed: answers.filter(({ code, retryable }) => !isNo(code) && !retryable),
  };
}

const isNo = (code: Answer["code"]) => code === "code_wrong" || code === "code_burnt" || code === "code_expired";

/** All different, none of them mailed. */
function wrongCodes(mailed: readonly (string | null)[], count: number): string[] {
  const codes = Array.from({ length: count + mailed.length }, (_, number) =>
    String(number * 97).padStart(LIMITS.codeDigits, "0"),
  );
  return codes.filter((code) => !mailed.includes(code)).slice(0, count);
}

async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    await Promise.all(items.slice(from, from + AT_ONCE).map((item, index) => work(item, from + index)));
  }
}

function countBy(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of answers) counts[code ?? "yes"] = (counts[code ?? "yes"] ?? 0) + 1;
  return counts;
}

async function judged(house: House): Promise<number> {
  const text = await house.metrics("email-verification");
  const counts = [...text.matchAll(/^ashchat_code_tries_total\{.*verdict="(?:right|wrong)".*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
