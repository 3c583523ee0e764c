import { codeSentSchema, confirmEmailOutputSchema, meSchema, type Me } from "@ashchat/contracts/api";
import { uiLanguageFor, type Language } from "@ashchat/contracts/languages";
import * as z from "zod/mini";
import type { Visitor } from "./browser";
import { eventually } from "./eventually";

export interface NewPerson {
  email: string;
  password: string;
  name: string;
  language: Language;
}

const mailsSchema = z.array(z.object({ code: z.nullable(z.string()) }));
const MAIL_DEADLINE_MS = 30_000;

/** The whole way: register, read the code in the inbox, confirm, sign in. Returns the signed-in person. */
export async function signUp(visitor: Visitor, person: NewPerson, inboxUrl: string): Promise<Me> {
  await visitor.mutate("account.register", { ...person, uiLanguage: uiLanguageFor(person.language) }, codeSentSchema);
  const code = await codeFor(person.email, inboxUrl);
  await visitor.mutate("account.confirmEmail", { code }, confirmEmailOutputSchema);
  if (!(await visitor.signIn(person.email, person.password))) throw new Error(`${person.email} could not sign in`);
  return visitor.query("account.me", undefined, meSchema);
}

/** The newest code mailed to `email`; waits for it. */
export function codeFor(email: string, inboxUrl: string): Promise<string> {
  const url = `${inboxUrl}/api/mails?to=${encodeURIComponent(email)}`;
  return eventually(
    `a code for ${email}`,
    async () => {
      const mails = mailsSchema.parse(
        await (await fetch(url, { signal: AbortSignal.timeout(MAIL_DEADLINE_MS) })).json(),
      );
      return mails[0]?.code ?? null;
    },
    MAIL_DEADLINE_MS,
  );
}
