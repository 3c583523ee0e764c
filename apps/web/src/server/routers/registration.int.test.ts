import { randomBytes } from "node:crypto";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Account } from "@ashchat/core/ports";
import { must } from "@ashchat/db/testing";
import { testEnv, waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestBrowser, type TestBrowser } from "../testing/browser";
import { openTestHouse, type TestHouse } from "../testing/house";
import { codeMailedTo, mailsTo } from "../testing/inbox";
import { spawnProcess, type Spawned } from "../testing/spawned";

const REGISTRATION = "ashchat.registration";
const PASSWORD = "correct horse battery";
/** The sweep looks every 5 s for accounts that are older than 15 s. */
const SWEPT_WITHIN_MS = 45_000;

let house: TestHouse;
let mailing: Spawned;
let profiles: Spawned;

beforeAll(async () => {
  house = await openTestHouse();
  [mailing, profiles] = await Promise.all([
    spawnProcess("email-verification", workerVariables()),
    spawnProcess("profiles", workerVariables()),
  ]);
});
afterAll(async () => {
  await Promise.all([mailing.stop(), profiles.stop()]);
  await house.close();
});

function workerVariables(of: TestHouse = house): Record<string, string> {
  return {
    ...of.variables,
    SMTP_URL: testEnv("ASH_TEST_SMTP_URL"),
    CODE_SECRET: randomBytes(32).toString("hex"),
    EMAIL_VERIFICATION_INTERNAL_PORT: "0",
    PROFILES_INTERNAL_PORT: "0",
  };
}

function somebody(name = "Ana") {
  const email = `${newId("usr").replace("_", "-")}@example.org`;
  return { email, password: PASSWORD, name, language: "es", uiLanguage: "es" };
}

async function registered(browser: TestBrowser, person = somebody()): Promise<{ email: string; code: string }> {
  expect(await browser.call("account.register", person)).toMatchObject({ ok: true });
  return { email: person.email, code: await codeMailedTo(person.email) };
}

function accountOf(email: string, of: TestHouse = house): Promise<Account | null> {
  return of.services.database.stores.accounts.findByEmail(email).then(must);
}

/** One account under the id of the registration, one profile, nothing owed. */
async function settledAccount(email: string, deadlineMs: number, of: TestHouse = house): Promise<Account> {
  return waitFor(
    async () => {
      const account = await accountOf(email, of);
      if (account === null || account.pendingProfile !== null) return null;
      const profile = must(await of.services.database.stores.profiles.find(account.userId));
      return profile === null ? null : account;
    },
    { deadlineMs, what: `the profile of ${email}` },
  );
}

function otherCode(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(LIMITS.codeDigits, "0");
}

describe("signing up", () => {
  it("leads from the form over the mail to a person with a tag, who can sign in", async () => {
    const browser = house.browser();
    const { email, code } = await registered(browser);
    const [mail] = await mailsTo(email);
    expect(mail?.subject).toContain(code);
    expect(await browser.signIn(email, PASSWORD)).toMatchObject({ error: "wrong_credentials" });
    expect(await browser.call("account.confirmEmail", { code })).toEqual({ ok: true, status: 200, output: { email } });
    expect(await browser.signIn(email, PASSWORD)).toEqual({ status: 200, error: null });
    const me = await browser.call("account.me");
    expect(me).toMatchObject({
      ok: true,
      output: { email, uiLanguage: "es", profile: { name: "Ana", language: "es" } },
    });
    expect((await settledAccount(email, 5_000)).userId).toBe(browser.cookies().get(REGISTRATION));
  });

  it("answers the same for an address that has an account, and a guess at its code as well", async () => {
    const first = house.browser();
    const { email, code } = await registered(first);
    expect(await first.call("account.confirmEmail", { code })).toMatchObject({ ok: true });

    const [again, fresh] = [house.browser(), house.browser()];
    const known = await again.call("account.register", { ...somebody("Eve"), email });
    const unknown = await fresh.call("account.register", somebody("Eve"));
    expect(known).toMatchObject({ ok: true, output: { resendAfterMs: LIMITS.codeResendAfterMs } });
    expect(shapeOf(known)).toEqual(shapeOf(unknown));
    expect([...again.cookies().keys()]).toEqual([...fresh.cookies().keys()]);
    const mails = await waitFor(async () => ((await mailsTo(email)).length > 1 ? mailsTo(email) : null), {
      deadlineMs: 20_000,
    });
    expect(mails[0]?.code).toBeNull();

    for (const browser of [again, fresh]) {
      expect(await guess(browser, "000000")).toBe("code_wrong");
      expect(await browser.call("account.resendCode")).toMatchObject({
        ok: false,
        code: "resend_too_soon",
        retryable: true,
      });
    }
    expect((await accountOf(email))?.userId).toBe(first.cookies().get(REGISTRATION));
  });

  it("accepts a code that was used before, for the same registration, and makes no second account", async () => {
    const browser = house.browser();
    const { email, code } = await registered(browser);
    for (const _ of [1, 2, 3]) expect(await browser.call("account.confirmEmail", { code })).toMatchObject({ ok: true });
    const answers = await Promise.all([1, 2, 3].map(() => browser.call("account.confirmEmail", { code })));
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, output: { email } });
    await settledAccount(email, 10_000);
  });

  it("takes no code in a browser that did not ask for it", async () => {
    const [ana, eve] = [house.browser(), house.browser()];
    const { code, email } = await registered(ana);
    expect(await guess(house.browser(), code)).toBe("code_expired");
    await registered(eve, somebody("Eve"));
    expect(await guess(eve, code)).toBe("code_wrong");
    expect(await accountOf(email)).toBeNull();
    expect(await ana.call("account.confirmEmail", { code })).toMatchObject({ ok: true });
  });

  it("burns a code at the fifth wrong try, and a sixth with the right one is refused", async () => {
    const browser = house.browser();
    const { email, code } = await registered(browser);
    const codes: string[] = [];
    for (let tries = 0; tries < LIMITS.codeTriesMax; tries += 1) codes.push(await guess(browser, otherCode(code)));
    expect(codes).toEqual(["code_wrong", "code_wrong", "code_wrong", "code_wrong", "code_burnt"]);
    expect(await guess(browser, code)).toBe("code_burnt");
    expect(await accountOf(email)).toBeNull();
  });

  it("sends no more codes to one address than it may in an hour, whoever asks", async () => {
    const { email } = somebody();
    const answers: string[] = [];
    for (let sends = 0; sends <= LIMITS.codeSendsPerHour; sends += 1) {
      const answer = await house.browser().call("account.register", { ...somebody(), email });
      answers.push(answer.ok ? "sent" : answer.code);
    }
    expect(answers).toEqual([...Array(LIMITS.codeSendsPerHour).fill("sent"), "rate_limited"]);
  });

  it("lets two browsers that registered one address make one account", async () => {
    const [one, two] = [house.browser(), house.browser()];
    const person = somebody();
    const first = await registered(one, person);
    expect(await two.call("account.register", person)).toMatchObject({ ok: true });
    const second = await codeMailedTo(person.email, 2);
    expect(await one.call("account.confirmEmail", { code: first.code })).toMatchObject({ ok: true });
    expect(await guess(two, second)).toBe("conflict");
    expect((await accountOf(person.email))?.userId).toBe(one.cookies().get(REGISTRATION));
  });
});

describe("a crash of the web process", () => {
  it("after the registration was handed over leaves no account, and registering again works", async () => {
    const person = somebody();
    const dying = await dyingWeb("register.after_publish");
    await expect(dying.browser.call("account.register", person)).rejects.toThrow("fetch failed");
    expect(await dying.process.ended()).toBe("SIGKILL");
    const lost = await codeMailedTo(person.email);
    expect(await guess(dying.healthy, lost)).toBe("code_expired");
    expect(await accountOf(person.email)).toBeNull();

    const browser = house.browser();
    expect(await browser.call("account.register", person)).toMatchObject({ ok: true });
    const code = await codeMailedTo(person.email, 2);
    expect(await browser.call("account.confirmEmail", { code })).toMatchObject({ ok: true });
    await settledAccount(person.email, 10_000);
  });

  it.each([
    ["after the code was found right leaves no account, and the code still works", "confirm.after_code", false],
    ["after the account was made leaves one account, and the code says so again", "confirm.after_insert", true],
    ["after the profile was asked for leaves one account, and the code says so again", "confirm.after_publish", true],
  ])("%s", async (_what, step, isMade) => {
    const { browser, process, healthy } = await dyingWeb(step);
    const { email, code } = await registered(healthy);
    browser.keepCookie(REGISTRATION, healthy.cookies().get(REGISTRATION) ?? "");
    await expect(browser.call("account.confirmEmail", { code })).rejects.toThrow("fetch failed");
    expect(await process.ended()).toBe("SIGKILL");
    expect((await accountOf(email)) !== null).toBe(isMade);

    expect(await healthy.call("account.confirmEmail", { code })).toMatchObject({ ok: true, output: { email } });
    const account = await settledAccount(email, 10_000);
    expect(account.userId).toBe(healthy.cookies().get(REGISTRATION));
    expect(await healthy.signIn(email, PASSWORD)).toEqual({ status: 200, error: null });
  });

  it("between the account and its profile is made good by the sweep, without anybody asking", async () => {
    const { browser, process, healthy } = await dyingWeb("confirm.after_insert");
    const { email, code } = await registered(healthy);
    browser.keepCookie(REGISTRATION, healthy.cookies().get(REGISTRATION) ?? "");
    await expect(browser.call("account.confirmEmail", { code })).rejects.toThrow("fetch failed");
    expect(await process.ended()).toBe("SIGKILL");
    expect((await accountOf(email))?.pendingProfile).not.toBeNull();
    await settledAccount(email, SWEPT_WITHIN_MS);
  });

  it("does not show an account that has no profile yet as a failure of the page", async () => {
    const { email, password, name } = somebody();
    const userId = newId("usr");
    const passwordHash = must(await house.services.passwords.hash(password));
    const pendingProfile = { name, language: "es" } as const;
    const createdAt = Date.now();
    must(
      await house.services.database.stores.accounts.insert({
        userId,
        email,
        passwordHash,
        uiLanguage: "es",
        pendingProfile,
        createdAt,
      }),
    );
    const browser = house.browser();
    await browser.signIn(email, password);
    expect(await browser.call("account.me")).toMatchObject({
      ok: false,
      status: 503,
      code: "unavailable",
      retryable: true,
    });
  });
});

it("a crash of the profiles process after the profile was made leaves one profile and nothing owed", async () => {
  const own = await openTestHouse();
  const userId = newId("usr");
  const email = somebody().email;
  const pendingProfile = { name: "Ana", language: "es" } as const;
  const { accounts, profiles: stored } = own.services.database.stores;
  must(
    await accounts.insert({
      userId,
      email,
      passwordHash: "-",
      uiLanguage: "es",
      pendingProfile,
      createdAt: Date.now(),
    }),
  );
  const dying = await spawnProcess("profiles", { ...workerVariables(own), CRASH_AT: "profile.after_create" });
  must(
    await own.services.publisher.publish("PROFILE_CREATION_QUEUE", {
      v: 1,
      type: "profile.create",
      correlationId: "crash-test",
      userId,
    }),
  );
  expect(await dying.ended()).toBe("SIGKILL");
  const made = must(await stored.find(userId));
  expect((await accountOf(email, own))?.pendingProfile).not.toBeNull();

  const healthy = await spawnProcess("profiles", workerVariables(own));
  await settledAccount(email, SWEPT_WITHIN_MS, own);
  expect(must(await stored.find(userId))).toEqual(made);
  await healthy.stop();
  await own.close();
});

/** A web process that kills itself at a step, a browser that talks to it, and one that talks to a process that lives. */
async function dyingWeb(step: string): Promise<{ browser: TestBrowser; process: Spawned; healthy: TestBrowser }> {
  const spawned = await spawnProcess("web", { ...house.variables, CRASH_AT: step });
  const origin = house.services.env.PUBLIC_URL;
  const base = `http://127.0.0.1:${String(spawned.started["port"])}`;
  const browser = createTestBrowser({
    origin,
    send: async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      return fetch(`${base}${pathname}${search}`, {
        method,
        headers,
        body: method === "GET" ? null : await request.text(),
      });
    },
  });
  return { browser, process: spawned, healthy: house.browser() };
}

async function guess(browser: TestBrowser, code: string): Promise<string> {
  const answer = await browser.call("account.confirmEmail", { code });
  return answer.ok ? "confirmed" : answer.code;
}

function shapeOf(answer: Awaited<ReturnType<TestBrowser["call"]>>): unknown {
  return answer.ok ? { status: answer.status, keys: Object.keys(answer.output as object) } : answer;
}
