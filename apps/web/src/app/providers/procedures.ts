import { LIMITS } from "@ashchat/contracts/limits";
import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "../../server/routers";

/**
 * The procedures as the chat calls them: tRPC's wire format (queries by GET, mutations by POST, the calls of one moment in
 * one request, no more than the server takes). tRPC's own client does the same and brings 7 KB of code for sockets and streams
 * with it, which the first page would wait for; screens with cached reads use it, see `query-scope`.
 */
export type ApiClient = TRPCClient<AppRouter>;

/** A call that failed. `data` is what the server says about it; undefined where the server said nothing. */
export class ProcedureError extends Error {
  override readonly name = "ProcedureError";
  readonly data: unknown;
  constructor(message: string, options: { data?: unknown; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.data = options.data;
  }
}

/** Where the calls go: the browser's own, or whatever stands for it where there is no page. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

export function createApiClient(send: Send = (path, init) => fetch(path, init)): ApiClient {
  const waiting: Record<Method, Call[]> = { GET: [], POST: [] };
  const call = (method: Method, path: string, input: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const calls = waiting[method];
      calls.push({ path, input, resolve, reject });
      if (calls.length > 1) return;
      setTimeout(() => {
        waiting[method] = [];
        for (let from = 0; from < calls.length; from += LIMITS.trpcBatchMax) {
          void sendBatch(send, method, calls.slice(from, from + LIMITS.trpcBatchMax));
        }
      });
    });
  // What the names lead to has the router's types; the server checks every input, and its answers are its own.
  return procedureAt([], call) as ApiClient;
}

type Method = "GET" | "POST";

interface Call {
  readonly path: string;
  readonly input: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ProcedureError) => void;
}

const ENDPOINT = "/api/trpc";
/** A call that takes longer is over. */
const CALL_TIMEOUT_MS = 15_000;

/** `client.message.send.mutate(input)`: names are gathered until one of them says what to do. */
function procedureAt(
  names: readonly string[],
  call: (method: Method, path: string, input: unknown) => unknown,
): unknown {
  return new Proxy(() => undefined, {
    // No procedure is called `then`: whoever awaits the client gets it as it is.
    get: (_target, name) =>
      typeof name === "string" && name !== "then" ? procedureAt([...names, name], call) : undefined,
    apply: (_target, _this, [input]: unknown[]) =>
      call(names.at(-1) === "query" ? "GET" : "POST", names.slice(0, -1).join("."), input),
  });
}

/** Settles every call; never rejects. */
async function sendBatch(send: Send, method: Method, calls: readonly Call[]): Promise<void> {
  try {
    const answers = await fetchAnswers(send, method, calls);
    // What is refused as a whole is answered once.
    for (const [index, one] of calls.entries()) settle(one, Array.isArray(answers) ? answers[index] : answers);
  } catch (cause) {
    for (const one of calls) one.reject(new ProcedureError(`${one.path} was not answered`, { cause }));
  }
}

async function fetchAnswers(send: Send, method: Method, calls: readonly Call[]): Promise<unknown> {
  const inputs = JSON.stringify(Object.fromEntries(calls.map(({ input }, index) => [index, input])));
  const url = `${ENDPOINT}/${calls.map(({ path }) => path).join(",")}?batch=1`;
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const headers = { "content-type": "application/json" };
  const response =
    method === "GET"
      ? await send(`${url}&input=${encodeURIComponent(inputs)}`, { signal })
      : await send(url, { method, headers, body: inputs, signal });
  return response.json();
}

function settle({ path, resolve, reject }: Call, answer: unknown): void {
  const result = fieldOf(answer, "result");
  if (result !== undefined) return resolve(fieldOf(result, "data"));
  reject(new ProcedureError(`${path} failed`, { data: fieldOf(fieldOf(answer, "error"), "data") }));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
