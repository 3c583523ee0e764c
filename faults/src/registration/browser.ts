import { errorCodeSchema, type ErrorCode } from "@ashchat/contracts/errors";
import * as z from "zod/mini";

/** What came back, whole: this programme also compares how answers look and how long they took. */
export interface Answer {
  readonly status: number;
  /** Null: a yes. */
  readonly code: ErrorCode | null;
  readonly retryable: boolean;
  readonly headers: Headers;
  readonly body: string;
  readonly ms: number;
}

export interface Browser {
  /** Rejects where the connection broke before an answer. */
  call(procedure: "register" | "resendCode" | "confirmEmail", input?: unknown): Promise<Answer>;
  /** `code` is null for a yes, `wrong_credentials` and so on for a no. */
  signIn(email: string, password: string): Promise<Answer>;
  /** The same cookies at another address. */
  at(address: string): Browser;
  readonly cookies: Map<string, string>;
}

/** 500 at once on a machine with other work. */
const TIMEOUT_MS = 120_000;
const REGISTRATION_COOKIE = "ashchat.registration";
const failureSchema = z.object({
  error: z.object({ data: z.object({ appCode: errorCodeSchema, retryable: z.boolean() }) }),
});

/** A browser without a screen at one network address, as a trusted proxy tells it. */
export function openBrowser(origin: string, address: string, cookies = new Map<string, string>()): Browser {
  async function send(path: string, init: RequestInit): Promise<Omit<Answer, "code" | "retryable">> {
    const headers = new Headers(init.headers);
    headers.set("origin", origin);
    headers.set("x-forwarded-for", address);
    if (cookies.size > 0) headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const began = performance.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // By number: of a name both families are tried, each with a quarter of a second, which a busy machine may miss.
    const via = origin.replace("//localhost", "//127.0.0.1");
    const response = await fetch(new URL(path, via), { ...init, headers, signal, redirect: "manual" });
    const body = await response.text();
    const ms = performance.now() - began;
    for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie);
    return { status: response.status, headers: response.headers, body, ms };
  }

  return {
    cookies,
    at: (other) => openBrowser(origin, other, cookies),
    call: async (procedure, input = {}) => {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify(input) };
      const answer = await send(`/api/trpc/account.${procedure}`, init);
      if (answer.status === 200) return { ...answer, code: null, retryable: false };
      const { appCode, retryable } = failureSchema.parse(JSON.parse(answer.body)).error.data;
      return { ...answer, code: appCode, retryable };
    },
    signIn: async (email, password) => {
      const csrf = z.object({ csrfToken: z.string() }).parse(JSON.parse((await send("/api/auth/csrf", {})).body));
      const body = new URLSearchParams({ email, password, csrfToken: csrf.csrfToken, json: "true" }).toString();
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const answer = await send("/api/auth/callback/credentials", { method: "POST", headers, body });
      const { url } = z.object({ url: z.string() }).parse(JSON.parse(answer.body));
      const code = z.nullable(errorCodeSchema).parse(new URL(url).searchParams.get("error"));
      return { ...answer, code, retryable: false };
    },
  };
}

/** The id that binds a code to this browser. */
export function registrationOf(browser: Browser): string | null {
  return browser.cookies.get(REGISTRATION_COOKIE) ?? null;
}

function keep(jar: Map<string, string>, cookie: string): void {
  const [pair = ""] = cookie.split(";");
  const split = pair.indexOf("=");
  jar.set(pair.slice(0, split).trim(), pair.slice(split + 1));
}
