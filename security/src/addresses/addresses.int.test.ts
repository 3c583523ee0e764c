import { domainToASCII } from "node:url";
import { waitFor } from "@ashchat/runtime/testing";
import { beforeAll, expect, inject, it } from "vitest";
import * as z from "zod";
import { call, networkNumber } from "../house/call";
import { ODD_ADDRESSES, ODD_NAMES } from "./odd-addresses";

const MAIL_MS = 30_000;
const house = inject("house");
const mailsSchema = z.array(
  z.object({
    id: z.number(),
    recipients: z.array(z.string()),
    toHeader: z.array(z.string()),
    headers: z.array(z.string()),
    code: z.string().nullable(),
  }),
);
type CaughtMail = z.infer<typeof mailsSchema>[number];

let firstId = 0;
beforeAll(async () => {
  firstId = (await allMails())[0]?.id ?? 0;
});

async function allMails(): Promise<CaughtMail[]> {
  return mailsSchema.parse(await (await fetch(`${house.inboxUrl}/api/mails`)).json());
}

/** Those of this file. */
async function caught(): Promise<CaughtMail[]> {
  const own = (await allMails()).filter(({ id }) => id > firstId);
  return own.map((mail) => ({ ...mail, recipients: mail.recipients.map(asSent), toHeader: mail.toHeader.map(asSent) }));
}

/** The inbox shows names of hosts in their own script. */
function asSent(address: string): string {
  const [local = "", host = ""] = address.split("@");
  return `${local}@${domainToASCII(host)}`;
}

let networks = 0;
/** Every try from a network of its own: what is tested is the address, not how often somebody tries. */
async function register(email: unknown, name = "Ana"): Promise<string | null> {
  networks += 1;
  const input = { email, name, password: "a long enough password", language: "es", uiLanguage: "es" };
  return (await call(house, "account.register", { input, address: networkNumber(networks) })).code;
}

/** When the mail of somebody who came last is here, the others' are as well, or will never be. */
async function untilMailed(lastAddress: string): Promise<void> {
  expect(await register(lastAddress)).toBeNull();
  await waitFor(async () => (await caught()).some(({ recipients }) => recipients.includes(lastAddress)), {
    deadlineMs: MAIL_MS,
    what: `the mail to ${lastAddress}`,
  });
}

it("an odd address is refused, or mailed to as the one mailbox that it means, and nobody else is", async () => {
  for (const [typed, mailbox] of ODD_ADDRESSES) {
    const expected = mailbox === null ? "invalid_input" : null;
    expect({ typed, code: await register(typed) }).toEqual({ typed, code: expected });
  }
  const mailboxes = ODD_ADDRESSES.flatMap(([, mailbox]) => mailbox ?? []);
  await waitFor(async () => (await caught()).length >= mailboxes.length, { deadlineMs: MAIL_MS });
  await untilMailed("last4@example.org");

  const mails = await caught();
  expect(mails.flatMap(({ recipients }) => recipients).toSorted()).toEqual(
    [...mailboxes, "last4@example.org"].toSorted(),
  );
  for (const { recipients, toHeader, headers, code } of mails) {
    expect(toHeader).toEqual(recipients);
    expect(headers.filter((name) => ["to", "cc", "bcc", "reply-to"].includes(name))).toEqual(["to"]);
    expect(code).toMatch(/^\d{6}$/u);
  }
  expect(ODD_ADDRESSES.length).toBeGreaterThan(100);
});

it("a display name adds no recipient", async () => {
  const before = (await caught()).length;
  for (const [index, name] of ODD_NAMES.entries()) expect(await register(`name${index}@example.org`, name)).toBeNull();
  await waitFor(async () => (await caught()).length >= before + ODD_NAMES.length, { deadlineMs: MAIL_MS });
  await untilMailed("last5@example.org");
  const mails = (await caught()).filter(({ recipients }) => recipients.some((one) => one.startsWith("name")));
  expect(mails).toHaveLength(ODD_NAMES.length);
  for (const { recipients, toHeader } of mails) expect([recipients.length, toHeader]).toEqual([1, recipients]);
  expect((await caught()).flatMap(({ recipients }) => recipients).filter((one) => one.startsWith("b5"))).toEqual([]);
});
