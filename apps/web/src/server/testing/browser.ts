import { errorCodeSchema, type ErrorCode } from "@ashchat/contracts/errors";
import * as z from "zod";

/** What a browser does without a screen: keeps cookies, sends the Origin, reads answers. */
export interface TestBrowser {
  /** A call by POST; the output, or the failure that the server tells. */
  call(path: string, input?: unknown): Promise<Answer>;
  send(path: string, init?: RequestInit): Promise<Response>;
  signIn(email: string, password: string): Promise<{ status: number; error: string | null }>;
  keepCookie(name: string, value: string): void;
  cookies(): ReadonlyMap<string, string>;
}

export type Answer =
  | { ok: true; status: number; output: unknown }
  | { ok: false; status: number; code: ErrorCode; retryable: boolean; retryAfterMs: number | null; body: string };

const successSchema = z.object({ result: z.object({ data: z.unknown().optional() }) });
const failureSchema = z.object({
  error: z.object({
    data: z.object({ appCode: errorCodeSchema, retryable: z.boolean(), retryAfterMs: z.number().nullable() }),
  }),
});
const FORM = "application/x-www-form-urlencoded";

export function createTestBrowser(options: {
  origin: string;
  send: (request: Request) => Promise<Response>;
}): TestBrowser {
  const jar = new Map<string, string>();

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ origin: options.origin, "sec-fetch-site": "same-origin", ...headersOf(init) });
    if (jar.size > 0) headers.set("cookie", [...jar].map((pair) => pair.join("=")).join("; "));
    const response = await options.send(new Request(new URL(path, options.origin), { ...init, headers }));
    for (const cookie of response.headers.getSetCookie()) keep(jar, cookie);
    return response;
  }

  return {
    send,
    keepCookie: (name, value) => void jar.set(name, value),
    cookies: () => jar,
    call: async (path, input) => {
      const body = JSON.stringify(input ?? {});
      const headers = { "content-type": "application/json" };
      return answerOf(await send(`/api/trpc/${path}`, { method: "POST", headers, body }));
    },
    signIn: async (email, password) => {
      const csrf = z.object({ csrfToken: z.string() }).parse(await (await send("/api/auth/csrf")).json());
      const body = new URLSearchParams({ email, password, csrfToken: csrf.csrfToken, json: "true" }).toString();
      const headers = { "content-type": FORM };
      const response = await send("/api/auth/callback/credentials", { method: "POST", headers, body });
      const { url } = z.object({ url: z.string() }).parse(await response.json());
      return { status: response.status, error: new URL(url).searchParams.get("error") };
    },
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  const body = await response.text();
  const value: unknown = JSON.parse(body);
  const success = successSchema.safeParse(value);
  if (success.success) return { ok: true, status: response.status, output: success.data.result.data };
  const { appCode, retryable, retryAfterMs } = failureSchema.parse(value).error.data;
  return { ok: false, status: response.status, code: appCode, retryable, retryAfterMs, body };
}

/** The output of a call that must succeed, parsed. */
export function outputOf<Schema extends z.core.$ZodType>(answer: Answer, schema: Schema): z.core.output<Schema> {
  if (!answer.ok) throw new Error(`refused: ${answer.code}`);
  return z.core.parse(schema, answer.output);
}

function headersOf({ headers }: RequestInit): Record<string, string> {
  return Object.fromEntries(new Headers(headers));
}

function keep(jar: Map<string, string>, cookie: string): void {
  const [pair = ""] = cookie.split(";");
  const split = pair.indexOf("=");
  const name = pair.slice(0, split).trim();
  if (/max-age=0/i.test(cookie) || pair.slice(split + 1) === "") jar.delete(name);
  else jar.set(name, pair.slice(split + 1));
}
