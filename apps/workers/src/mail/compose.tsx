import { createHash } from "node:crypto";
import type { UserId } from "@ashchat/contracts/ids";
import type { UiLanguage } from "@ashchat/contracts/languages";
import { render } from "@react-email/render";
import type { ReactElement } from "react";
import { AlreadyRegisteredMail } from "./already-registered-mail";
import { CodeMail } from "./code-mail";
import { mailTexts } from "./texts";

/** A finished mail. `key` is the same for the same purpose, so that a redelivered one is recognised as a copy. */
export interface Mail {
  to: { name: string; address: string };
  subject: string;
  html: string;
  text: string;
  language: UiLanguage;
  key: string;
}

const MS_PER_MINUTE = 60_000;
/** Whole minutes are promised, rounded down; the moments since the code was kept do not make ten minutes nine. */
const MINUTE_SLACK_MS = 5_000;
const KEY_CHARS = 32;

/** The code stands in the subject, where a phone's notification shows it; the name of the person never does. */
export async function composeCodeMail(mail: {
  to: { name: string; address: string };
  locale: UiLanguage;
  code: string;
  leftMs: number;
  registrationId: UserId;
  sendNumber: number;
}): Promise<Mail> {
  const { to, locale, code, leftMs, registrationId, sendNumber } = mail;
  const validForMinutes = Math.max(1, Math.floor((leftMs + MINUTE_SLACK_MS) / MS_PER_MINUTE));
  return {
    to,
    subject: mailTexts(locale)("code.subject", { code }),
    language: locale,
    key: keyOf(registrationId, sendNumber),
    ...(await bodies(
      <CodeMail locale={locale} name={greetable(to.name)} code={code} validForMinutes={validForMinutes} />,
    )),
  };
}

export async function composeAlreadyRegisteredMail(mail: {
  address: string;
  locale: UiLanguage;
  signInUrl: string;
  registrationId: UserId;
  sendNumber: number;
}): Promise<Mail> {
  const { address, locale, signInUrl, registrationId, sendNumber } = mail;
  return {
    to: { name: "", address },
    subject: mailTexts(locale)("alreadyRegistered.subject"),
    language: locale,
    key: keyOf(registrationId, sendNumber),
    ...(await bodies(<AlreadyRegisteredMail locale={locale} signInUrl={signInUrl} />)),
  };
}

/** Not the registration id itself: that is what binds the code to a browser, and whoever reads the mail need not know it. */
function keyOf(registrationId: UserId, sendNumber: number): string {
  return createHash("sha256").update(`${registrationId} ${sendNumber}`).digest("hex").slice(0, KEY_CHARS);
}

/**
 * The name as a greeting, or nothing. Whoever signs up chooses both name and address: in a mail to a stranger nothing may
 * stand that a mail program makes a link of.
 */
function greetable(name: string): string {
  return /^[\p{L}\p{M}\p{N}'’ -]+$/u.test(name) ? name : "";
}

async function bodies(element: ReactElement): Promise<{ html: string; text: string }> {
  const [html, text] = await Promise.all([render(element), render(element, { plainText: true })]);
  return { html, text };
}
