import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { currentCorrelationId, withCorrelation } from "@ashchat/runtime/correlation";
import type { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { checkOrigin, isJson, readBody } from "../http/guard";
import { appRouter } from "../routers";
import type { Services } from "../services";
import { createRequestContext } from "./context";
import { appErrorOf, publicFailure, refuse } from "./errors";

export const TRPC_PATH = "/api/trpc";
const CORRELATION_HEADER = "x-correlation-id";

/**
 * One request of the procedures' door. Refused before anything is looked up: requests of foreign pages, bodies that are too
 * large or no JSON, too many calls at once. Reads may come by GET or POST, changes by POST alone.
 */
export function handleTrpc(services: Services, request: Request): Promise<Response> {
  return withCorrelation(request.headers.get(CORRELATION_HEADER), async () => {
    const admitted = await admit(services, request);
    const response = admitted.ok ? await answer(services, admitted.value) : refusal(services, admitted.error);
    response.headers.set(CORRELATION_HEADER, currentCorrelationId() ?? "");
    response.headers.set("cache-control", "no-store");
    return response;
  });
}

/** The request with its body read: what comes after cannot be made to read more. */
async function admit({ env }: Services, request: Request): Promise<Result<Request>> {
  const origin = checkOrigin(request, env);
  if (!origin.ok) return origin;
  if (request.method === "GET") return ok(request);
  if (request.method !== "POST") return fail(appError("invalid_input", "neither GET nor POST"));
  if (!isJson(request)) return fail(appError("invalid_input", "not application/json"));
  const body = await readBody(request);
  if (body === null) return fail(appError("frame_too_large", `more than ${LIMITS.trpcBodyBytesMax} bytes`));
  const { method, headers, signal } = request;
  return ok(new Request(request.url, { method, headers, signal, body: body === "" ? "{}" : body }));
}

/** Reads wait for each other, so that those who all lost their connections and poll do not keep each other from getting it back. */
async function answer(services: Services, request: Request): Promise<Response> {
  if (request.method !== "GET") return await callProcedures(services, request);
  const read = await services.reads.run(() => callProcedures(services, request), request.signal);
  return read.entered ? read.value : refusal(services, tooManyReads());
}

function tooManyReads(): AppError {
  const { overloadedRetryMinMs, overloadedRetryMaxMs } = LIMITS;
  const retryAfterMs = Math.round(overloadedRetryMinMs + Math.random() * (overloadedRetryMaxMs - overloadedRetryMinMs));
  return appError("overloaded", "too many reads", { retryAfterMs });
}

function callProcedures(services: Services, request: Request): Promise<Response> {
  const startedAt = performance.now();
  return fetchRequestHandler({
    endpoint: TRPC_PATH,
    req: request,
    router: appRouter,
    allowBatching: true,
    maxBatchSize: LIMITS.trpcBatchMax,
    allowMethodOverride: true,
    createContext: ({ resHeaders }) => createRequestContext(services, request.headers, resHeaders),
    onError: ({ error, path, type }) => logFailure(services, error, { path: path ?? null, type }),
    responseMeta: () => {
      services.metrics
        .histogram("trpc_request_seconds", "How long requests of procedures take")
        .observe((performance.now() - startedAt) / 1_000);
      return {};
    },
  });
}

/** What was asked for stays out of the log: inputs are passwords, codes and messages. */
function logFailure(services: Services, error: TRPCError, at: { path: string | null; type: string }): void {
  const { code, message, cause } = appErrorOf(error);
  services.metrics.counter("trpc_failures_total", "Calls that failed, by code", ["code"]).inc({ code });
  const fields = { ...at, appCode: code, reason: message };
  if (code === "internal") services.log.error({ ...fields, err: cause }, "a call failed");
  else if (code === "unavailable" || code === "timeout" || code === "overloaded") {
    services.log.warn({ ...fields, err: cause }, "a call failed");
  } else services.log.info(fields, "a call was refused");
}

/** In the shape in which tRPC answers. */
function refusal(services: Services, failure: AppError): Response {
  const error = refuse(failure);
  logFailure(services, error, { path: null, type: "unknown" });
  const httpStatus = getHTTPStatusCodeFromError(error);
  const shape = {
    message: failure.code,
    code: -32_600,
    data: { code: error.code, httpStatus, ...publicFailure(failure) },
  };
  return Response.json({ error: shape }, { status: httpStatus });
}
