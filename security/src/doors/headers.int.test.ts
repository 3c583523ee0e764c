import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@ashchat/contracts/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openHouse, type OpenHouse, type Person } from "../house/open-house";

const MANIFEST = join(import.meta.dirname, "..", "..", "..", "apps", "web", ".next", "routes-manifest.json");
const pages = z.array(z.object({ page: z.string() }));
const { staticRoutes, dynamicRoutes } = z
  .object({ staticRoutes: pages, dynamicRoutes: pages })
  .parse(JSON.parse(readFileSync(MANIFEST, "utf8")));
/** Every route that was built: a new one is here by itself. */
const ROUTES = [...staticRoutes, ...dynamicRoutes].map(({ page }) => page).toSorted();
/** Says by its nature that something failed. */
const LAST_RESORT = "/_global-error";
const IS_FILE = /\.[a-z0-9]+$/;

const EVERYWHERE = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": expect.stringContaining("camera=()") as unknown,
};

let house: OpenHouse;
let ana: Person;

beforeAll(async () => {
  house = await openHouse();
  ana = await house.person();
});
afterAll(() => house.close());

/** With something in place of what is variable in it. */
function addressOf(route: string): string {
  return route.replace("[roomId]", newId("room")).replace("[trpc]", "account.me").replace("[...nextauth]", "session");
}

async function headersOf(
  path: string,
  cookie?: string,
): Promise<{ status: number; headers: Record<string, string>; text: string }> {
  const response = await fetch(`${house.webUrl}${path}`, {
    redirect: "manual",
    headers: cookie === undefined ? {} : { cookie },
  });
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

/** The directives of a policy by name. */
function directivesOf(policy: string | undefined): Record<string, string> {
  const parts = (policy ?? "").split(";").map((part) => part.trim().split(" "));
  return Object.fromEntries(parts.map(([name = "", ...values]) => [name, values.join(" ")]));
}

describe.each(ROUTES)("%s", (route) => {
  it.each(["a stranger", "somebody who is signed in"])("protects %s by its headers", async (who) => {
    const { status, headers } = await headersOf(addressOf(route), who === "a stranger" ? undefined : ana.cookie);
    if (route !== LAST_RESORT) expect(status).toBeLessThan(500);
    expect(headers).toMatchObject(EVERYWHERE);
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["server"]).toBeUndefined();
  });

  it("has a policy that lets nothing foreign run", async () => {
    const { headers } = await headersOf(addressOf(route), ana.cookie);
    const policy = directivesOf(headers["content-security-policy"]);
    if (route.startsWith("/api/")) {
      expect(policy["default-src"]).toBe("'none'");
      expect(headers["cache-control"]).toBe("no-store");
    } else if (!IS_FILE.test(route)) {
      expect(policy).toMatchObject({ "object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'" });
      expect(policy["script-src"]).toMatch(/'nonce-[A-Za-z0-9+/=]{20,}' 'strict-dynamic'/);
      expect(policy["script-src"]).not.toMatch(/unsafe/);
      expect(policy["connect-src"]).toBe(`'self' ${new URL(house.env["REALTIME_PUBLIC_URL"] ?? "").origin}`);
    }
  });
});

it("no two pages have the same nonce, and every script of a page has that page's", async () => {
  const nonces = new Set<string>();
  for (let asked = 0; asked < 5; asked += 1) {
    const { headers, text } = await headersOf("/sign-in");
    const nonce = /'nonce-([^']+)'/.exec(headers["content-security-policy"] ?? "")?.[1] ?? "";
    nonces.add(nonce);
    const scripts = [...text.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([]);
  }
  expect(nonces.size).toBe(5);
});

it("a path that does not exist is protected as well, and a page is not served where a file was asked for", async () => {
  for (const path of ["/nothing-here", "/nothing.js", "/_next/static/nothing.js", "/api/nothing"]) {
    const { status, headers } = await headersOf(path);
    expect(status).toBe(404);
    expect(headers).toMatchObject(EVERYWHERE);
  }
});

it.each(["/%ff", "/chat/%ff", "/api/trpc/%ff", "/api/trpc/account.me%c0%80", "/api/auth/%ff", "/_next/static/%ff"])(
  "a path that is no text is the asker's mistake: %s",
  async (path) => {
    const { status, text } = await headersOf(path);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain("URIError");
  },
);

it("the realtime port serves nothing but sockets", async () => {
  for (const path of ["/", "/realtime", "/metrics", "/healthz", "/readyz"]) {
    const response = await fetch(house.realtimeUrl.replace("ws:", "http:") + path);
    expect(response.status).toBe(426);
    expect(await response.text()).toBe("Upgrade Required");
  }
});

it("the public port of web serves neither health nor metrics", async () => {
  for (const path of ["/metrics", "/healthz", "/readyz"]) expect((await headersOf(path)).status).toBe(404);
});
