import { must } from "@ashchat/db/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHouse, type OpenHouse, type Person } from "../house/open-house";
import { PROCEDURES } from "../web/procedures";

const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";
const BODY = JSON.stringify({ name: "Stolen" });

let house: OpenHouse;
let ana: Person;

beforeAll(async () => {
  house = await openHouse();
  ana = await house.person();
});
afterAll(() => house.close());

/** What a browser sends for a page elsewhere: the cookie goes along, the headers are as given. */
function send(
  path: string,
  init: { method?: string; headers: Record<string, string>; body?: string },
): Promise<Response> {
  const headers = { cookie: ana.cookie, ...init.headers };
  return fetch(`${house.webUrl}${path}`, { method: "POST", redirect: "manual", ...init, headers });
}

const foreign: readonly (readonly [string, (own: URL) => Record<string, string>])[] = [
  ["no sign of where it comes from", () => ({})],
  ["the null origin", () => ({ origin: "null" })],
  ["another site", () => ({ origin: "https://evil.example", "sec-fetch-site": "cross-site" })],
  ["another site that says nothing else", () => ({ origin: "https://evil.example" })],
  ["a site beside ours", ({ origin }) => ({ origin, "sec-fetch-site": "same-site" })],
  ["another port of this machine", ({ hostname }) => ({ origin: `http://${hostname}:1` })],
  ["another scheme", ({ host }) => ({ origin: `https://${host}` })],
  ["our name as the beginning of another's", ({ origin }) => ({ origin: `${origin}.evil.example` })],
  ["an address that was typed", () => ({ "sec-fetch-site": "none" })],
  ["our origin, but fetched from elsewhere", ({ origin }) => ({ origin, "sec-fetch-site": "cross-site" })],
  ["our origin in capitals", ({ origin }) => ({ origin: origin.toUpperCase() })],
];

describe.each(foreign)("a change that comes with %s", (_name, headers) => {
  it("is refused by the procedures, and nothing is changed", async () => {
    const own = new URL(house.webUrl);
    const answer = await send("/api/trpc/account.updateProfile", {
      headers: { ...headers(own), "content-type": JSON_TYPE },
      body: BODY,
    });
    expect(answer.status).toBe(403);
    expect(must(await house.stores.profiles.find(ana.userId))?.name).not.toBe("Stolen");
  });

  it("is refused by the doors of signing in and out", async () => {
    const own = new URL(house.webUrl);
    for (const path of ["/api/auth/signout", "/api/auth/callback/credentials"]) {
      const answer = await send(path, {
        headers: { ...headers(own), "content-type": FORM },
        body: "email=a&password=b",
      });
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });
});

describe("what a form or a link of another page could send", () => {
  it.each(["text/plain", FORM, "multipart/form-data; boundary=x", "application/jsonp", "text/plain; application/json"])(
    "as %s changes nothing, even from a page of ours",
    async (type) => {
      const headers = { origin: house.webUrl, "content-type": type };
      const answer = await send("/api/trpc/account.updateProfile", { headers, body: BODY });
      expect(answer.status).toBe(400);
      expect(must(await house.stores.profiles.find(ana.userId))?.name).not.toBe("Stolen");
    },
  );

  it.each(PROCEDURES.filter(({ isMutation }) => isMutation))("by GET changes nothing: $path", async ({ path }) => {
    const headers = { "sec-fetch-site": "none" };
    const answer = await send(`/api/trpc/${path}?input=%7B%7D`, { method: "GET", headers });
    expect(answer.ok).toBe(false);
    expect(answer.status).toBeLessThan(500);
    expect(must(await house.stores.sessions.find(ana.sessionId))?.revokedAt).toBeNull();
  });

  it("no answer allows another site to read it", async () => {
    for (const path of ["/api/trpc/account.me", "/api/auth/session", "/"]) {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await send(path, { method, headers: { origin: "https://evil.example" } });
        expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    }
  });

  it("signing in takes a form and no JSON, signing out neither a link", async () => {
    const headers = { origin: house.webUrl, "content-type": JSON_TYPE };
    expect((await send("/api/auth/callback/credentials", { headers, body: "{}" })).status).toBe(400);
    expect((await send("/api/auth/signout", { method: "GET", headers: {} })).status).toBe(404);
  });
});
