import { newId } from "@ashchat/contracts/ids";
import { must } from "@ashchat/db/testing";
import { encode } from "next-auth/jwt";
import * as z from "zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputOf, type TestBrowser } from "../testing/browser";
import { openTestHouse, type TestHouse } from "../testing/house";

const PASSWORD = "correct horse battery";
const COOKIE = "next-auth.session-token";
const UNTIL_TOO_MANY = 10;
const sessionsSchema = z.object({
  sessions: z.array(
    z.object({ sessionId: z.string(), current: z.boolean(), device: z.object({ name: z.string(), os: z.string() }) }),
  ),
});

let house: TestHouse;
let passwordHash: string;

beforeAll(async () => {
  house = await openTestHouse();
  passwordHash = must(await house.services.passwords.hash(PASSWORD));
});
afterAll(() => house.close());

/** An account that can sign in. */
async function account(of: TestHouse = house): Promise<string> {
  const userId = newId("usr");
  const email = `${userId.replace("_", "-")}@example.org`;
  const { accounts, profiles } = of.services.database.stores;
  must(await accounts.insert({ userId, email, passwordHash, uiLanguage: "es", pendingProfile: null, createdAt: 1 }));
  const tag = `ana-${userId.slice(-8)}`;
  must(
    await profiles.create({ userId, tag, name: "Ana", about: "", language: "es", understands: [], lastSeenAt: null }),
  );
  return email;
}

async function signedIn(email: string): Promise<TestBrowser> {
  const browser = house.browser();
  expect(await browser.signIn(email, PASSWORD)).toEqual({ status: 200, error: null });
  return browser;
}

describe("signing in", () => {
  it("makes a session that is listed with its device", async () => {
    const email = await account();
    const browser = house.browser();
    await browser.send("/api/auth/csrf", { headers: { "user-agent": "ignored" } });
    expect((await browser.signIn(email, PASSWORD)).error).toBeNull();
    const { sessions } = outputOf(await browser.call("account.sessions"), sessionsSchema);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ current: true });
    expect(await browser.call("account.me")).toMatchObject({
      ok: true,
      output: { email, sessionId: sessions[0]?.sessionId },
    });
  });

  it("says the same for a wrong password and for an address that nobody has, and makes no session", async () => {
    const email = await account();
    const known = house.browser();
    const unknown = house.browser();
    const [wrong, nobody] = [
      await known.signIn(email, "not this one"),
      await unknown.signIn("nobody@example.org", PASSWORD),
    ];
    expect(wrong).toEqual({ status: 401, error: "wrong_credentials" });
    expect(nobody).toEqual(wrong);
    expect([...known.cookies().keys()]).toEqual([...unknown.cookies().keys()]);
    expect(known.cookies().has(COOKIE)).toBe(false);
  });

  it("takes the address as people write it", async () => {
    const email = await account();
    expect((await house.browser().signIn(`  ${email.toUpperCase()} `, PASSWORD)).error).toBeNull();
  });

  it("after too many guesses at one account even the right password has to wait", async () => {
    const email = await account();
    for (let guess = 0; guess < UNTIL_TOO_MANY; guess += 1) {
      expect((await house.browser().signIn(email, `guess ${guess}`)).error).toBe("wrong_credentials");
    }
    expect((await house.browser().signIn(email, PASSWORD)).error).toBe("rate_limited");
    const other = await account();
    expect((await house.browser().signIn(other, PASSWORD)).error).toBeNull();
  });

  it("is refused to the form of a foreign page, and without the token of the form", async () => {
    const email = await account();
    const body = new URLSearchParams({ email, password: PASSWORD, json: "true" }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const path = "/api/auth/callback/credentials";
    const browser = house.browser();
    const foreign = await browser.send(path, {
      method: "POST",
      body,
      headers: { ...headers, origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    const withoutToken = await browser.send(path, { method: "POST", body, headers });
    expect(withoutToken.headers.getSetCookie().join()).not.toContain(COOKIE);
    expect(browser.cookies().has(COOKIE)).toBe(false);
  });

  it("takes texts alone: what is no text is nobody's password", async () => {
    const browser = house.browser();
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ email: { $gt: "" }, password: { $ne: null } });
    const calls = house.databaseCalls();
    const answer = await browser.send("/api/auth/callback/credentials", { method: "POST", body, headers });
    expect(answer.status).toBe(400);
    expect((await browser.signIn("[object Object]", "x")).error).toBe("wrong_credentials");
    expect(house.databaseCalls()).toBe(calls);
  });
});

describe("a session that was ended from another device", () => {
  it("is refused at its very next call", async () => {
    const email = await account();
    const [here, there] = [await signedIn(email), await signedIn(email)];
    const { sessions } = outputOf(await here.call("account.sessions"), sessionsSchema);
    const other = sessions.find(({ current }) => !current);
    expect(await there.call("room.list")).toMatchObject({ ok: true });
    expect(await here.call("account.revokeSession", { sessionId: other?.sessionId })).toMatchObject({ ok: true });
    expect(await there.call("room.list")).toMatchObject({ ok: false, status: 401, code: "session_revoked" });
    expect(await there.call("account.realtimeTicket")).toMatchObject({ ok: false, code: "session_revoked" });
    expect(await here.call("room.list")).toMatchObject({ ok: true });
    expect(outputOf(await here.call("account.sessions"), sessionsSchema).sessions).toHaveLength(1);
  });

  it("is no session for the page either, and its cookie is taken away", async () => {
    const email = await account();
    const [here, there] = [await signedIn(email), await signedIn(email)];
    expect(await (await there.send("/api/auth/session")).json()).toMatchObject({
      sessionId: expect.stringMatching(/^ses_/) as string,
    });
    expect(await here.call("account.revokeOtherSessions")).toMatchObject({ ok: true });
    expect(await (await there.send("/api/auth/session")).json()).toEqual({});
    expect(there.cookies().has(COOKIE)).toBe(false);
    expect(await here.call("account.me")).toMatchObject({ ok: true });
  });
});

it("after signing out a copy of the cookie opens nothing", async () => {
  const browser = await signedIn(await account());
  const copy = browser.cookies().get(COOKIE) ?? "";
  expect(await browser.call("account.signOut")).toMatchObject({ ok: true });
  expect(browser.cookies().has(COOKIE)).toBe(false);
  expect(await browser.call("account.me")).toMatchObject({ ok: false, code: "not_signed_in" });
  const thief = house.browser();
  thief.keepCookie(COOKIE, copy);
  expect(await thief.call("account.me")).toMatchObject({ ok: false, code: "session_revoked" });
});

it("nobody is signed in with a cookie that we did not seal, or that names no session of ours", async () => {
  const { person } = await house.signedIn();
  const token = { sub: person.userId, sessionId: newId("ses") };
  const ours = house.services.env.NEXTAUTH_SECRET;
  const forged = [
    ["nonsense", "not_signed_in"],
    [await encode({ token, secret: "another secret of the same length, sealed elsewhere" }), "not_signed_in"],
    [await encode({ token: { sub: person.userId }, secret: ours }), "not_signed_in"],
    [await encode({ token, secret: ours, maxAge: -60 }), "not_signed_in"],
    [await encode({ token, secret: ours }), "session_revoked"],
  ] as const;
  for (const [value, code] of forged) {
    const browser = house.browser();
    browser.keepCookie(COOKIE, value);
    expect(await browser.call("account.me")).toMatchObject({ ok: false, status: 401, code });
  }
});

it("a session is its owner's alone, whatever person the cookie names", async () => {
  const [mine, theirs] = [await house.signedIn(), await house.signedIn()];
  const live = must(await house.services.database.stores.sessions.listLive(mine.person.userId, Date.now()));
  const token = { sub: theirs.person.userId, sessionId: live[0]?.sessionId };
  const browser = house.browser();
  browser.keepCookie(COOKIE, await encode({ token, secret: house.services.env.NEXTAUTH_SECRET }));
  expect(await browser.call("account.me")).toMatchObject({ ok: false, code: "session_revoked" });
});

it("over https every cookie is tied to the host, hidden from scripts and never sent in the clear", async () => {
  const secure = await openTestHouse({ PUBLIC_URL: "https://chat.example" });
  try {
    const email = await account(secure);
    const seen: string[] = [];
    const browser = secure.browser();
    const csrf = await browser.send("/api/auth/csrf");
    seen.push(...csrf.headers.getSetCookie());
    const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await csrf.json());
    const body = new URLSearchParams({ email, password: PASSWORD, csrfToken, json: "true" }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    seen.push(
      ...(
        await browser.send("/api/auth/callback/credentials", { method: "POST", body, headers })
      ).headers.getSetCookie(),
    );
    expect(seen.some((cookie) => cookie.startsWith(`__Host-${COOKIE}=`))).toBe(true);
    for (const cookie of seen) expect(cookie).toMatch(/^__Host-.*; Path=\/;.*HttpOnly; Secure; SameSite=Lax/);
    expect(await browser.call("account.me")).toMatchObject({ ok: true });
  } finally {
    await secure.close();
    process.env["NEXTAUTH_URL"] = house.services.env.PUBLIC_URL;
  }
});
