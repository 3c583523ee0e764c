import { newId } from "@ashchat/contracts/ids";
import { waitFor } from "@ashchat/runtime/testing";
import * as z from "zod/mini";
import { registrationOf, type Answer, type Browser } from "./browser";
import type { House } from "./house";
import { confirmWithMail, register, registered } from "./person";

/** What a stranger can ask about an address, in the order in which they can. */
export const SURFACES = ["register", "guess", "resend", "signIn"] as const;
export type Surface = (typeof SURFACES)[number];

export interface Pair {
  readonly known: Answer;
  readonly unknown: Answer;
}

/** Headers that differ from answer to answer whatever was asked. */
const OF_THE_MOMENT = new Set(["date", "x-correlation-id"]);
const MAIL_MS = 30_000;
const WRONG_CODE = "000000";
const WRONG_PASSWORD = "not the password at all";

/** Asks the same about an address with an account and one without, in random order, `count` times. */
export async function askPairs(house: House, count: number): Promise<Record<Surface, Pair[]>> {
  const pairs: Record<Surface, Pair[]> = { register: [], guess: [], resend: [], signIn: [] };
  const passwordHash = await realHash(house);
  for (let number = 0; number < count; number += 1) {
    const known = { email: house.newEmail(), browser: house.browser() };
    const unknown = { email: house.newEmail(), browser: house.browser() };
    await makeAccount(house, { email: known.email, passwordHash });
    for (const surface of SURFACES) {
      const ask = ASK[surface];
      const isKnownFirst = Math.random() < 0.5;
      const first = await ask(house, isKnownFirst ? known : unknown);
      const second = await ask(house, isKnownFirst ? unknown : known);
      pairs[surface].push(isKnownFirst ? { known: first, unknown: second } : { known: second, unknown: first });
    }
  }
  return pairs;
}

type Asking = (house: House, who: { email: string; browser: Browser }) => Promise<Answer>;

const ASK: Record<Surface, Asking> = {
  register: async (house, who) => {
    const answer = await register(who);
    // Of the mailing process nobody shall be in the way of the next request.
    await waitFor(async () => (await house.mailedCodes(who.email)).length > 0, { deadlineMs: MAIL_MS, what: "a mail" });
    return answer;
  },
  guess: (_house, { browser }) => browser.call("confirmEmail", { code: WRONG_CODE }),
  resend: async (house, { browser }) => {
    await house.letResend(registrationOf(browser) ?? "");
    return browser.call("resendCode");
  },
  signIn: (_house, { email, browser }) => browser.signIn(email, WRONG_PASSWORD),
};

/** As the product makes it, so that checking it costs what it costs there. */
async function realHash(house: House): Promise<string> {
  const person = await registered(house);
  await confirmWithMail(house, person);
  const user = await house.database.raw.collection("users").findOne({ email: person.email });
  return z.object({ passwordHash: z.string() }).parse(user).passwordHash;
}

async function makeAccount({ database }: House, { email, passwordHash }: { email: string; passwordHash: string }) {
  const rest = { uiLanguage: "es", pendingProfile: null, createdAt: Date.now() } as const;
  const made = await database.stores.accounts.insert({ userId: newId("usr"), email, passwordHash, ...rest });
  if (!made.ok) throw new Error(made.error.message);
}

/** Status, headers and body, without what is new in every answer: times, correlation ids and the values of cookies. */
export function looksOf({ status, headers, body }: Answer): unknown {
  const lasting = [...headers].filter(([name]) => !OF_THE_MOMENT.has(name));
  return {
    status,
    headers: lasting.map(([name, value]) => [name, name === "set-cookie" ? value.replace(/=[^;]*/, "=…") : value]),
    body: body.replace(/"expiresAt":\d+/, '"expiresAt":…').replace(/"retryAfterMs":\d+/, '"retryAfterMs":…'),
  };
}
