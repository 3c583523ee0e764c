import * as z from "zod/mini";
import { errorCodeSchema, type ErrorCode } from "@ashchat/contracts/errors";

/**
 * What a browser does for a visitor, without a screen: keeps cookies, calls procedures, signs in. Tests, the fault run
 * and the bench use it, so that they come through the same door as everybody else.
 */
export interface Visitor {
  /** Calls a tRPC procedure; throws `ProcedureError` with the product's code where it refuses. */
  query<Output>(path: string, input: unknown, output: z.ZodMiniType<Output>): Promise<Output>;
  mutate<Output>(path: string, input: unknown, output: z.ZodMiniType<Output>): Promise<Output>;
  /** Signs in through next-auth; false where the address or password is wrong. */
  signIn(email: string, password: string): Promise<boolean>;
  cookies(): string;
  /** A request as this browser sends it, with its cookies; throws where no answer comes in time. */
  fetch(path: string, init: RequestInit): Promise<Response>;
}

export interface VisitorOptions {
  /** Origin of the web process, such as `http://localhost:3000`. */
  baseUrl: string;
  /** Where to send the calls, when a proxy stands before it; the Origin stays `baseUrl`. */
  via?: string;
  userAgent?: string;
  timeoutMs?: number;
  /** What the browser kept from an earlier visit, by name. */
  cookies?: Readonly<Record<string, string>>;
}

export class ProcedureError extends Error {
  readonly code: ErrorCode | null;
  readonly status: number;
  constructor(path: string, status: number, code: ErrorCode | null) {
    super(`${path} answered ${status} ${code ?? ""}`);
    this.code = code;
    this.status = status;
  }
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Visitor";

const successSchema = z.object({ result: z.object({ data: z.unknown() }) });
const failureSchema = z.object({ error: z.object({ data: z.object({ appCode: errorCodeSchema }) }) });

export function openVisitor(options: VisitorOptions): Visitor {
  const { baseUrl, via = baseUrl, userAgent = DEFAULT_USER_AGENT, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const jar = new Map(Object.entries(options.cookies ?? {}));

  async function request(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("origin", baseUrl);
    headers.set("user-agent", userAgent);
    if (jar.size > 0) headers.set("cookie", cookieHeader(jar));
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const response = await fetch(new URL(path, via), { ...init, headers, redirect: "manual", signal });
    for (const cookie of response.headers.getSetCookie()) keepCookie(jar, cookie);
    return response;
  }

  async function call<Output>(path: string, init: RequestInit, output: z.ZodMiniType<Output>): Promise<Output> {
    const response = await request(path, init);
    const body: unknown = await response.json().catch(() => null);
    const success = successSchema.safeParse(body);
    if (response.ok && success.success) return output.parse(success.data.result.data);
    const failure = failureSchema.safeParse(body);
    throw new ProcedureError(path, response.status, failure.success ? failure.data.error.data.appCode : null);
  }

  const json = { "content-type": "application/json" };
  return {
    query: (path, input, output) => {
      const search = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return call(`/api/trpc/${path}${search}`, { headers: json }, output);
    },
    mutate: (path, input, output) =>
      call(`/api/trpc/${path}`, { method: "POST", headers: json, body: JSON.stringify(input ?? {}) }, output),
    async signIn(email, password) {
      const csrf = z.object({ csrfToken: z.string() }).parse(await (await request("/api/auth/csrf", {})).json());
      const form = new URLSearchParams({
        email,
        password,
        csrfToken: csrf.csrfToken,
        json: "true",
        callbackUrl: baseUrl,
      });
      const response = await request("/api/auth/callback/credentials", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: form.toString(),
      });
      await response.arrayBuffer();
      return response.ok && [...jar.keys()].some((name) => name.endsWith("session-token"));
    },
    cookies: () => cookieHeader(jar),
    fetch: request,
  };
}

function cookieHeader(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

function keepCookie(jar: Map<string, string>, cookie: string): void {
  const [pair = ""] = cookie.split(";");
  const split = pair.indexOf("=");
  if (split < 1) return;
  const name = pair.slice(0, split).trim();
  const value = pair.slice(split + 1);
  if (value === "" || /max-age=0/i.test(cookie)) jar.delete(name);
  else jar.set(name, value);
}
