import { newId } from "@ashchat/contracts/ids";
import { UI_LANGUAGES } from "@ashchat/contracts/languages";
import { describe, expect, it } from "vitest";
import { composeAlreadyRegisteredMail, composeCodeMail } from "./compose";
import { CATALOGUES } from "./texts";

const registrationId = newId("usr");
const to = { name: "Ana", address: "ana@example.org" };
const CODE = "048213";

function codeMail(overrides: Partial<Parameters<typeof composeCodeMail>[0]> = {}) {
  return composeCodeMail({
    to,
    locale: "en",
    code: CODE,
    leftMs: 600_000,
    registrationId,
    sendNumber: 1,
    ...overrides,
  });
}

describe.each(UI_LANGUAGES)("a mail in %s", (locale) => {
  it("has the code in its subject, its text and its page, and names its language", async () => {
    const mail = await codeMail({ locale });
    expect(mail.subject).toContain(CODE);
    expect(mail.text).toContain(CODE);
    expect(mail.html).toContain(CODE);
    expect(mail.html).toMatch(
      new RegExp(`<html[^>]*dir="ltr"[^>]*lang="${locale}"|<html[^>]*lang="${locale}"[^>]*dir="ltr"`, "u"),
    );
  });

  it("has every text of the English catalogue, with the same placeholders", () => {
    expect(placeholdersOf(CATALOGUES[locale])).toEqual(placeholdersOf(CATALOGUES.en));
  });

  it("for a known address leads to the sign-in and has no code", async () => {
    const signInUrl = "https://chat.example/sign-in";
    const mail = await composeAlreadyRegisteredMail({
      address: to.address,
      locale,
      signInUrl,
      registrationId,
      sendNumber: 1,
    });
    expect(mail.text).toContain(signInUrl);
    expect(`${mail.subject} ${mail.text.replace(signInUrl, "")}`).not.toMatch(/\d{6}/u);
  });
});

it.each([
  [600_000, "10 minutes"],
  [599_000, "10 minutes"],
  [518_000, "8 minutes"],
  [90_000, "1 minute."],
  [10_000, "1 minute."],
])("with %i ms left a mail promises %s", async (leftMs, promised) => {
  expect((await codeMail({ leftMs })).text).toContain(`good for ${promised}`);
});

it("markup in a name is shown, not run", async () => {
  const mail = await codeMail({ to: { name: '<img src=x onerror="alert(1)">', address: to.address } });
  expect(mail.html).not.toContain("<img");
  expect(mail.subject).not.toContain("img");
});

it("the same send has the same key, another send another", async () => {
  const [first, again, second] = await Promise.all([codeMail(), codeMail(), codeMail({ sendNumber: 2 })]);
  expect(again.key).toBe(first.key);
  expect(second.key).not.toBe(first.key);
});

it("no part of a mail tells the id that binds its code to a browser", async () => {
  const mail = await codeMail();
  expect(JSON.stringify(mail)).not.toContain(registrationId);
});

it.each(["see https://evil.example", "evil.example", "mail me@evil.example", "call +49:123"])(
  "the name %j is not repeated to a stranger, who might find a link in it",
  async (name) => {
    const mail = await codeMail({ to: { name, address: to.address } });
    expect(`${mail.text} ${mail.html}`).not.toContain(name);
    expect(mail.text).toContain("Hello,");
  },
);

/** `code.subject: code` for every text, sorted. */
function placeholdersOf(node: object, path = ""): string[] {
  return Object.entries(node)
    .flatMap(([key, value]: [string, unknown]) => {
      if (typeof value === "object" && value !== null) return placeholdersOf(value, `${path}${key}.`);
      const names = [...String(value).matchAll(/\{(\w+)[,}]/gu)].map((match) => match[1]);
      return [`${path}${key}: ${[...new Set(names)].toSorted((a = "", b = "") => a.localeCompare(b)).join()}`];
    })
    .sort();
}
