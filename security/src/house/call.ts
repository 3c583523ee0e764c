import * as z from "zod";
import type { HouseAddresses } from "./start-house";

export interface Answer {
  readonly status: number;
  /** Null where the call succeeded. */
  readonly code: string | null;
  readonly output: unknown;
  readonly text: string;
  readonly headers: Headers;
}

const TIMEOUT_MS = 30_000;

/** All that a failing call may say: no text but its code, no stack. */
const failureSchema = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    code: z.int(),
    data: z.strictObject({
      code: z.string(),
      httpStatus: z.int(),
      path: z.string().optional(),
      appCode: z.string(),
      retryable: z.boolean(),
      retryAfterMs: z.number().nullable(),
    }),
  }),
});
const successSchema = z.strictObject({ result: z.strictObject({ data: z.unknown().optional() }) });

/** One result of an answer; throws where it says more than it may. */
export function readResult(value: unknown): { code: string | null; output: unknown } {
  const success = successSchema.safeParse(value);
  if (success.success) return { code: null, output: success.data.result.data };
  const { error } = failureSchema.parse(value);
  if (error.message !== error.data.appCode) throw new Error(`an answer says "${error.message}"`);
  return { code: error.data.appCode, output: null };
}

/** A request to web from a page of this installation. */
export function request(house: HouseAddresses, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers({ origin: house.webUrl, "sec-fetch-site": "same-origin" });
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
  const options = { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  return fetch(`${house.webUrl}${path}`, { ...options, ...init, headers });
}

export interface CallOptions {
  readonly input?: unknown;
  readonly cookie?: string;
  /** Counted by the limits in place of ours: the house believes its proxy. */
  readonly address?: string;
  readonly headers?: Record<string, string>;
}

/** A call by POST, which reads may use as well. */
export async function call(
  house: HouseAddresses,
  path: string,
  { input = {}, cookie, address, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const response = await request(house, `/api/trpc/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(cookie === undefined ? {} : { cookie }),
      ...(address === undefined ? {} : { "x-forwarded-for": address }),
      ...headers,
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers, ...readResult(JSON.parse(text)) };
}

/** The n-th of many networks. */
export function networkNumber(count: number): string {
  return `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`;
}
