import { expect } from "@playwright/test";
import { stackFromEnv } from "./stack";

interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  code: string | null;
  receivedAt: string;
}

/** A mail arrives within moments of the request; the worker, the broker and the SMTP server are all local. */
const MAIL_DEADLINE_MS = 20_000;

/** Mails to `address`, newest first. */
async function mailsTo(address: string): Promise<Mail[]> {
  const response = await fetch(`${stackFromEnv().inboxUrl}/api/mails?to=${encodeURIComponent(address)}`);
  return (await response.json()) as Mail[];
}

/** Waits for the `count`th mail to `address` and returns the newest code. */
export async function codeFor(address: string, count = 1): Promise<string> {
  await expect
    .poll(async () => (await mailsTo(address)).length, { timeout: MAIL_DEADLINE_MS })
    .toBeGreaterThanOrEqual(count);
  const [newest] = await mailsTo(address);
  if (newest?.code == null) throw new Error(`the newest mail to ${address} has no code`);
  return newest.code;
}
