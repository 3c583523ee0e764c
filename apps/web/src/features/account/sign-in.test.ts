// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signInWithPassword } from "./sign-in";

const INPUT = { email: "ana@example.org", password: "correct horse & battery" };
const CSRF = () => Response.json({ csrfToken: "token" });

let requests: { path: string; body: Record<string, string> | null; signal: unknown }[];
let answers: (() => Response | Promise<never>)[];

beforeEach(() => {
  requests = [];
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    const body = init?.body instanceof URLSearchParams ? Object.fromEntries(init.body) : null;
    requests.push({ path, body, signal: init?.signal });
    return answers.shift()?.() ?? Promise.reject(new Error("asked too often"));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("signing in", () => {
  it("asks with the token of this browser, within a deadline, and is told of the session", async () => {
    answers = [CSRF, () => Response.json({ url: "http://localhost:3000/chat" })];
    expect(await signInWithPassword(INPUT)).toBeNull();
    expect(requests.map(({ path }) => path)).toEqual(["/api/auth/csrf", "/api/auth/callback/credentials"]);
    expect(requests[1]?.body).toMatchObject({ ...INPUT, csrfToken: "token", json: "true" });
    expect(requests.every(({ signal }) => signal instanceof AbortSignal)).toBe(true);
  });

  it("gives the server's own code for a refusal", async () => {
    const refused = { url: "http://localhost:3000/sign-in?error=wrong_credentials" };
    answers = [CSRF, () => Response.json(refused, { status: 401 })];
    expect(await signInWithPassword(INPUT)).toBe("wrong_credentials");
  });

  it("does not take being led to next-auth's own form for being let in", async () => {
    answers = [CSRF, () => Response.json({ url: "http://localhost:3000/api/auth/signin?csrf=true" })];
    expect(await signInWithPassword(INPUT)).toBe("internal");
  });

  it.each([
    ["nobody answers", [() => Promise.reject(new TypeError("Failed to fetch"))]],
    ["it breaks off half-way", [CSRF, () => Promise.reject(new TypeError("Failed to fetch"))]],
    ["a proxy answers with a page", [() => new Response("<html>", { status: 502 })]],
    ["the request is refused as a whole", [CSRF, () => Response.json({ error: {} }, { status: 403 })]],
  ])("P14: where %s it says so, and the form stays with what was typed", async (_, given) => {
    const here = window.location.href;
    answers = [...given];
    expect(await signInWithPassword(INPUT)).toBe("unavailable");
    expect(window.location.href).toBe(here);
  });
});
