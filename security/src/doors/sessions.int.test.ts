import { createHmac, randomBytes } from "node:crypto";
import { newId, type UserId } from "@ashchat/contracts/ids";
import { makePerson, must } from "@ashchat/db/testing";
import { createPasswords } from "@ashchat/web/passwords";
import { sealToken } from "@ashchat/web/testing/sealed-session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openHouse, SESSION_COOKIE, type OpenHouse, type Person } from "../house/open-house";
import { call, request } from "../house/call";

const PASSWORD = "correct horse battery";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const SECRET_BYTES = 32;

let house: OpenHouse;
let ana: Person;
let ben: Person;

beforeAll(async () => {
  house = await openHouse();
  [ana, ben] = [await house.person(), await house.person()];
});
afterAll(() => house.close());

const secretOf = () => house.env["NEXTAUTH_SECRET"] ?? "";
const claims = (userId: UserId, sessionId: string) => ({ sub: userId, sessionId });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenOf = ({ cookie }: Person) => cookie.slice(SESSION_COOKIE.length + 1);

/** A signed token, as another kind of next-auth would make it. */
function signed(header: object, content: object, key: string): string {
  const text = `${base64(header)}.${base64(content)}`;
  return `${text}.${key === "" ? "" : createHmac("sha256", key).update(text).digest("base64url")}`;
}

/** The same token with one character changed in one of its five parts. */
function altered(token: string, part: number): string {
  const parts = token.split(".");
  const text = parts[part] ?? "";
  const middle = Math.floor(text.length / 2);
  parts[part] = `${text.slice(0, middle)}${text[middle] === "A" ? "B" : "A"}${text.slice(middle + 1)}`;
  return parts.join(".");
}

describe("a session cookie that this house did not seal is nobody's", () => {
  const forged: readonly (readonly [string, () => string | Promise<string>])[] = [
    ["unsigned (alg none)", () => signed({ alg: "none", typ: "JWT" }, claims(ana.userId, ana.sessionId), "")],
    ["unsigned (alg None)", () => signed({ alg: "None" }, claims(ana.userId, ana.sessionId), "")],
    [
      "signed with the secret, not sealed",
      () => signed({ alg: "HS256" }, claims(ana.userId, ana.sessionId), secretOf()),
    ],
    [
      "sealed with another key",
      () => sealToken(claims(ana.userId, ana.sessionId), randomBytes(SECRET_BYTES).toString("hex")),
    ],
    ["sealed, but over", () => sealToken(claims(ana.userId, ana.sessionId), secretOf(), -60)],
    ["cut", () => tokenOf(ana).slice(0, -4)],
    ["changed in its header", () => altered(tokenOf(ana), 0)],
    ["changed in its nonce", () => altered(tokenOf(ana), 2)],
    ["changed in its content", () => altered(tokenOf(ana), 3)],
    ["changed in its seal", () => altered(tokenOf(ana), 4)],
    ["the parts of two", () => [...tokenOf(ana).split(".").slice(0, 3), ...tokenOf(ben).split(".").slice(3)].join(".")],
    ["sealed without a session", () => sealToken({ sub: ana.userId }, secretOf())],
    ["sealed with a list as its session", () => sealToken({ sub: ana.userId, sessionId: [ana.sessionId] }, secretOf())],
    [
      "sealed with an operator as its session",
      () => sealToken({ sub: ana.userId, sessionId: { $gt: "" } }, secretOf()),
    ],
    ["empty", () => ""],
    ["dots", () => "...."],
    ["long", () => "A".repeat(6_000)],
  ];

  it.each(forged)("%s", async (_name, make) => {
    const cookie = `${SESSION_COOKIE}=${await make()}`;
    for (const path of ["account.me", "account.realtimeTicket"]) {
      expect(await call(house, path, { cookie })).toMatchObject({ status: 401, code: "not_signed_in", output: null });
    }
  });

  it("and one that it sealed for another person's session, or one that never was, has ended", async () => {
    for (const content of [claims(ben.userId, ana.sessionId), claims(ana.userId, newId("ses"))]) {
      const cookie = `${SESSION_COOKIE}=${await sealToken(content, secretOf())}`;
      expect(await call(house, "account.me", { cookie })).toMatchObject({ status: 401, code: "session_revoked" });
    }
  });

  it("and what is expired in the house has ended, however good its seal", async () => {
    const late = await house.session(ana.userId, -1_000);
    expect(await call(house, "account.me", { cookie: late.cookie })).toMatchObject({
      status: 401,
      code: "session_revoked",
    });
  });
});

describe("signing in", () => {
  async function account(): Promise<{ userId: UserId; email: string }> {
    const profile = await makePerson(house.stores);
    const userId = newId("usr");
    const email = `${userId.replace("_", "-")}@example.org`;
    const passwordHash = must(await createPasswords().hash(PASSWORD));
    const created = { uiLanguage: "en", pendingProfile: null, createdAt: Date.now() } as const;
    must(await house.stores.accounts.insert({ userId, email, passwordHash, ...created }));
    must(await house.stores.profiles.create({ ...profile, userId, tag: `eve-${userId.slice(-8)}` }));
    return { userId, email };
  }

  async function signIn(email: string, planted: string, form: Record<string, string> = {}): Promise<Response> {
    const asked = await request(house, "/api/auth/csrf", { headers: { cookie: planted } });
    const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await asked.json());
    const cookies = [planted, ...asked.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "")];
    const body = new URLSearchParams({ email, password: PASSWORD, csrfToken, json: "true", ...form });
    const cookie = cookies.filter((one) => one !== "").join("; ");
    return request(house, "/api/auth/callback/credentials", { method: "POST", headers: { ...FORM, cookie }, body });
  }

  it("makes a session of its own: one that somebody planted before is not taken over", async () => {
    const { userId, email } = await account();
    const response = await signIn(email, ben.cookie);
    const cookie = response.headers.getSetCookie().find((one) => one.startsWith(SESSION_COOKIE)) ?? "";
    const own = cookie.split(";")[0] ?? "";
    expect(own).not.toBe(ben.cookie);
    const [me, his] = [
      await call(house, "account.me", { cookie: own }),
      await call(house, "account.me", { cookie: ben.cookie }),
    ];
    expect(me).toMatchObject({ output: { profile: { userId } } });
    expect(his).toMatchObject({ output: { profile: { userId: ben.userId }, sessionId: ben.sessionId } });
    expect(me.output).not.toMatchObject({ sessionId: ben.sessionId });
  });

  it("gives cookies that no script reads and no other site's form carries", async () => {
    const { email } = await account();
    const asked = await request(house, "/api/auth/csrf");
    const answered = await signIn(email, "");
    const cookies = [...asked.headers.getSetCookie(), ...answered.headers.getSetCookie()];
    expect(cookies.map((cookie) => cookie.split("=")[0])).toEqual(
      expect.arrayContaining([SESSION_COOKIE, "next-auth.csrf-token"]),
    );
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; HttpOnly/i);
      expect(cookie).toMatch(/; SameSite=Lax/i);
      expect(cookie).toMatch(/; Path=\//i);
      expect(cookie).not.toMatch(/; Domain=/i);
    }
  });

  it.each(["https://evil.example", "//evil.example", "javascript:alert(1)", "/\\evil.example", "http://localhost:1/"])(
    "sends nobody to %s",
    async (callbackUrl) => {
      const { email } = await account();
      const answered = z.object({ url: z.string() }).parse(await (await signIn(email, "", { callbackUrl })).json());
      expect(new URL(answered.url, house.webUrl).origin).toBe(house.webUrl);
    },
  );

  it("is refused without the token of its form, or with another's", async () => {
    const { email } = await account();
    for (const csrfToken of ["", "x", randomBytes(SECRET_BYTES).toString("hex")]) {
      const answered = await signIn(email, "", { csrfToken });
      expect(answered.headers.getSetCookie().some((cookie) => cookie.startsWith(SESSION_COOKIE))).toBe(false);
    }
  });
});
