import { LIMITS } from "@ashchat/contracts/limits";
import { codePoints, normalizeText, textProblem } from "@ashchat/contracts/text";
import { waitFor } from "@ashchat/runtime/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { call, networkNumber } from "../house/call";
import { openHouse, type OpenHouse } from "../house/open-house";
import { makePerson } from "@ashchat/db/testing";
import { cases } from "../profile";
import { CORPUS } from "./corpus";
import { closeAll, NOTHING, noticed, openBrowser, openScreens } from "./screens";

const MAIL_MS = 60_000;
const NETWORKS_FROM = 100_000;
const nameable = CORPUS.filter(
  ({ text }) =>
    textProblem(normalizeText(text)) === null && codePoints(normalizeText(text)) <= LIMITS.nameCodePointsMax,
);
const links = CORPUS.filter(({ name }) => /^(?:old )?link|^script|^string/u.test(name));

let house: OpenHouse;
let browser: Browser;
beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

/** Every n-th, so that each family is among them. */
function some<Item>(items: readonly Item[], count: number): Item[] {
  const every = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % every === 0).slice(0, count);
}

describe("before anybody is signed in", () => {
  it("what stands in an address neither runs nor leads elsewhere", async () => {
    const reader = await house.session((await makePerson(house.stores)).userId);
    const strangers = await openScreens(browser, house, null);
    const members = await openScreens(browser, house, reader.cookie);
    for (const { text } of some(links, cases({ short: 2, full: 40 }))) {
      const encoded = encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, ""));
      const paths = [`/sign-in?next=${encoded}`, `/chat/${encoded}`, `/sign-up#${encoded}`, `/${encoded}`];
      for (const { page } of [...strangers, ...members]) {
        for (const path of paths) {
          await page.goto(`${house.webUrl}${path}`);
          expect(new URL(page.url()).origin).toBe(house.webUrl);
        }
      }
      expect([await noticed(strangers), await noticed(members)]).toEqual([NOTHING, NOTHING]);
    }
    await closeAll([...strangers, ...members]);
  });

  it("what is typed into sign-up and shown again stays text", async () => {
    const screens = await openScreens(browser, house, null);
    for (const [index, { text }] of some(nameable, cases({ short: 1, full: 30 })).entries()) {
      const email = `{${index}}'&=$`.concat(`${Math.random().toString(36).slice(2)}@example.org`);
      for (const { page } of screens) {
        await page.context().setExtraHTTPHeaders({ "x-forwarded-for": networkNumber(NETWORKS_FROM + index) });
        await page.goto(`${house.webUrl}/sign-up`);
        const field = page.getByRole("textbox", { name: "E-mail address" });
        await field.fill(text);
        await page.getByRole("textbox", { name: "Name", exact: true }).fill(text);
        await page.getByLabel("Password", { exact: true }).fill("a long enough password");
        await page.getByRole("button", { name: "Continue" }).click();
        await field.fill(email);
        await page.getByRole("button", { name: "Continue" }).click();
        await page.getByText(email, { exact: true }).waitFor();
      }
      expect(await noticed(screens)).toEqual(NOTHING);
    }
    await closeAll(screens);
  });
});

const mailsSchema = z.array(z.object({ id: z.number(), html: z.string(), recipients: z.array(z.string()) }));

it("a name in a mail stays text in the mail itself and in the inbox that shows it", async () => {
  const run = Math.random().toString(36).slice(2);
  const payloads = some(nameable, cases({ short: 6, full: nameable.length }));
  for (const [index, { text, name }] of payloads.entries()) {
    const email = `mail${index}.${run}@example.org`;
    const input = { email, password: "a long enough password", name: text, language: "en", uiLanguage: "en" };
    const address = networkNumber(2 * NETWORKS_FROM + index);
    const { code } = await call(house, "account.register", { input, address });
    expect({ name, code }).toEqual({ name, code: null });
  }
  const mails = await waitFor(
    async () => {
      const all = mailsSchema.parse(await (await fetch(`${house.inboxUrl}/api/mails`)).json());
      const own = all.filter(({ recipients }) => recipients.some((one) => one.includes(run)));
      return own.length === payloads.length ? own : null;
    },
    { deadlineMs: MAIL_MS, everyMs: 200, what: "a mail for each name" },
  );
  const screens = await openScreens(browser, house, null);
  for (const { page } of screens) {
    await page.goto(`${house.inboxUrl}/`);
    for (const { id, html } of mails) {
      expect(html).not.toMatch(/pwn|c\.test/u);
      await page.goto(`${house.inboxUrl}/mails/${id}`);
    }
  }
  expect(await noticed(screens)).toEqual(NOTHING);
  await closeAll(screens);
});
