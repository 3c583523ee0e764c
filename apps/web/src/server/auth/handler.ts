import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { currentCorrelationId, withCorrelation } from "@ashchat/runtime/correlation";
import NextAuth from "next-auth";
import { readCookies } from "../http/cookies";
import { checkOrigin, readBody } from "../http/guard";
import type { Services } from "../services";
import { createAnswer } from "./answer";
import { authOptions } from "./options";

const CORRELATION_HEADER = "x-correlation-id";
/** What a browser needs of next-auth; its own pages and its log for strangers stay shut. */
const DOORS: ReadonlySet<string> = new Set([
  "GET csrf",
  "GET providers",
  "GET session",
  "GET signin",
  "GET error",
  "POST callback/credentials",
  "POST signout",
]);
const FORM = "application/x-www-form-urlencoded";
const STATUS: Partial<Record<AppError["code"], number>> = { origin_refused: 403, not_found: 404, frame_too_large: 413 };
const BAD_REQUEST = 400;

/** One request to `/api/auth/<path>`. Forms of foreign pages and forms that are too large are refused before next-auth. */
export function handleAuth(services: Services, request: Request, path: readonly string[]): Promise<Response> {
  return withCorrelation(request.headers.get(CORRELATION_HEADER), async () => {
    const form = await admit(services, request, path);
    const response = form.ok ? await ask(services, request, { path, form: form.value }) : refusal(form.error);
    response.headers.set(CORRELATION_HEADER, currentCorrelationId() ?? "");
    response.headers.set("cache-control", "no-store");
    return response;
  });
}

type Form = Readonly<Record<string, string>>;

async function admit({ env }: Services, request: Request, path: readonly string[]): Promise<Result<Form>> {
  if (!DOORS.has(`${request.method} ${path.join("/")}`)) return fail(appError("not_found", "no such door"));
  const origin = checkOrigin(request, env);
  if (!origin.ok) return origin;
  if (request.method === "GET") return ok({});
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType !== FORM) return fail(appError("invalid_input", "not a form"));
  const body = await readBody(request, LIMITS.trpcBodyBytesMax);
  if (body === null) return fail(appError("frame_too_large", "form too large"));
  return ok(Object.fromEntries(new URLSearchParams(body)));
}

/** next-auth through the door that it has for plain Node handlers: it depends on nothing but what is handed over here. */
async function ask(
  services: Services,
  request: Request,
  { path, form }: { path: readonly string[]; form: Form },
): Promise<Response> {
  const answer = createAnswer();
  const query = { ...Object.fromEntries(new URL(request.url).searchParams), nextauth: [...path] };
  const asked = {
    method: request.method,
    query,
    body: form,
    cookies: Object.fromEntries(readCookies(request.headers.get("cookie"))),
    headers: Object.fromEntries(request.headers),
  };
  const handler: unknown = NextAuth(authOptions(services, request.headers));
  if (typeof handler !== "function") throw new Error("next-auth gave no handler");
  await handler(asked, answer.written);
  return answer.response();
}

function refusal({ code, retryable }: AppError): Response {
  return Response.json({ error: { appCode: code, retryable } }, { status: STATUS[code] ?? BAD_REQUEST });
}
