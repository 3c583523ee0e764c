import { randomBytes } from "node:crypto";
import { NextResponse, type NextRequest } from "next/server";
import { contentSecurityPolicy } from "./server/content-security-policy";
import { isSecure, readWebEnv, type WebEnv } from "./server/env";

const NONCE_BYTES = 16;
const TWO_YEARS_S = 63_072_000;
const BAD_REQUEST = 400;
let env: WebEnv | null = null;

/**
 * Gives every page its content security policy. Next takes the nonce out of the request's policy and puts it on its scripts;
 * our own find it in `x-nonce`. Who may see what is not decided here but by every procedure and page.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname } = request.nextUrl;
  if (!isReadable(pathname)) return new NextResponse(null, { status: BAD_REQUEST });
  if (pathname.startsWith("/api/")) return NextResponse.next();
  env ??= readWebEnv();
  const nonce = randomBytes(NONCE_BYTES).toString("base64");
  const policy = contentSecurityPolicy({
    nonce,
    realtimeUrl: env.REALTIME_PUBLIC_URL,
    // oxlint-disable-next-line no-restricted-properties -- a constant of the build, not of the environment
    isDevelopment: process.env.NODE_ENV === "development",
    isSecure: isSecure(env),
  });
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  if (isSecure(env)) response.headers.set("strict-transport-security", `max-age=${TWO_YEARS_S}`);
  return response;
}

/** Next itself fails on a path that is no UTF-8, with a 500 that is nobody's fault here. */
function isReadable(pathname: string): boolean {
  try {
    return decodeURIComponent(pathname) !== "";
  } catch {
    return false;
  }
}

export const config = {
  // Everything but procedures and files; of procedures only what may be unreadable, since this costs each request.
  matcher: ["/((?!api/|_next/static/|_next/image|.*\\.[a-z0-9]+$).*)", "/api/(.*%.*)"],
};
