import { test as base, expect, type Browser, type BrowserContextOptions, type Page } from "@playwright/test";
import { uiLanguageFor, type Language } from "@ashchat/contracts/languages";
import { openVisitor } from "@ashchat/visitor/browser";
import { signUp } from "@ashchat/visitor/sign-up";
import { signUpThroughScreens, type Person } from "./person";
import { stackFromEnv } from "./stack";
import { textsOf } from "./texts";

interface NewPersonOptions {
  name: string;
  language: Language;
  context?: BrowserContextOptions;
}

interface Fixtures {
  /** A person who signs up in the browser, with a context of their own. */
  newcomer: (options: NewPersonOptions) => Promise<Person>;
  /** A person whose account is made through the same procedures without the screens; begins at /chat. */
  somebody: (options: NewPersonOptions) => Promise<Person>;
  /** Messages of a console that a test expects, such as those of a browser that is made to be offline. */
  expectedConsole: RegExp[];
}

const PASSWORD = "a long enough password";
// What Chromium itself prints when a request fails because the test cut the network.
export const OFFLINE_CONSOLE = /net::ERR_INTERNET_DISCONNECTED|net::ERR_FAILED|WebSocket connection to/u;

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright demands a pattern for a fixture without dependencies
  expectedConsole: async ({}, use) => {
    await use([]);
  },
  newcomer: async ({ browser, expectedConsole }, use) => {
    await withPeople({ browser, expectedConsole }, use, signUpThroughScreens);
  },
  somebody: async ({ browser, expectedConsole }, use) => {
    await withPeople({ browser, expectedConsole }, use, signUpThroughProcedures);
  },
});

type Use = (make: (options: NewPersonOptions) => Promise<Person>) => Promise<void>;
type Tools = { browser: Browser; expectedConsole: RegExp[] };

async function withPeople(
  { browser, expectedConsole }: Tools,
  use: Use,
  enter: (person: Person) => Promise<void>,
): Promise<void> {
  const people: Person[] = [];
  const complaints: string[] = [];
  await use(async ({ name, language, context: contextOptions }) => {
    const context = await browser.newContext(contextOptions ?? {});
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    context.on("page", (opened) => listen(opened, complaints));
    listen(page, complaints);
    const nonce = Math.random().toString(36).slice(2, 10);
    const locale = uiLanguageFor(language);
    const person: Person = {
      name,
      email: `${name.toLowerCase().replaceAll(/[^a-z]/gu, "")}-${nonce}@example.org`,
      password: PASSWORD,
      language,
      locale,
      context,
      page,
      t: textsOf(locale),
    };
    people.push(person);
    await enter(person);
    return person;
  });
  for (const { context } of people) await context.close();
  const unexpected = complaints.filter((complaint) => !expectedConsole.some((pattern) => pattern.test(complaint)));
  expect(unexpected, "the browser console stays silent").toEqual([]);
}

async function signUpThroughProcedures(person: Person): Promise<void> {
  const { baseUrl, inboxUrl } = stackFromEnv();
  const { name, email, password, language } = person;
  const visitor = openVisitor({ baseUrl });
  await signUp(visitor, { name, email, password, language }, inboxUrl);
  const cookies = visitor
    .cookies()
    .split("; ")
    .map((pair) => {
      const split = pair.indexOf("=");
      return { name: pair.slice(0, split), value: pair.slice(split + 1), url: baseUrl };
    });
  await person.context.addCookies(cookies);
  await person.page.goto("/chat");
  await expect(person.page.getByRole("heading", { name: person.t("rooms.title") })).toBeVisible();
}

function listen(page: Page, complaints: string[]): void {
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
}

export { expect };
