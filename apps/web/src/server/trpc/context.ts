import type { CorrelationId } from "@ashchat/contracts/ids";
import type { Outcome, Session } from "@ashchat/core/ports";
import { currentCorrelationId, newCorrelationId } from "@ashchat/runtime/correlation";
import { readSession } from "../auth/read-session";
import { clientAddress } from "../http/client-address";
import { readCookies } from "../http/cookies";
import type { Services } from "../services";

/** What a procedure knows of the request it is called by. */
export interface RequestContext {
  services: Services;
  cookies: ReadonlyMap<string, string>;
  /** Of the client, as far as it can be known; for limits alone. */
  address: string;
  correlationId: CorrelationId;
  /** Who is calling; looked up once per request, however many calls it carries. */
  session(): Outcome<Session>;
  setCookie(cookie: string): void;
}

export function createRequestContext(services: Services, headers: Headers, answer: Headers): RequestContext {
  const cookies = readCookies(headers.get("cookie"));
  let session: Outcome<Session> | null = null;
  return {
    services,
    cookies,
    address: clientAddress(headers, services.env),
    correlationId: currentCorrelationId() ?? newCorrelationId(),
    session: () => (session ??= readSession(services, cookies)),
    setCookie: (cookie) => answer.append("set-cookie", cookie),
  };
}
