import { appError } from "@ashchat/contracts/errors";
import { signInInputSchema } from "@ashchat/contracts/api";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail } from "@ashchat/contracts/result";
import { signIn } from "@ashchat/core/account/sign-in";
import { checkSession, revokeSession } from "@ashchat/core/account/sessions";
import type { Account, Outcome, Session } from "@ashchat/core/ports";
import { currentCorrelationId, newCorrelationId } from "@ashchat/runtime/correlation";
import type { AuthOptions, User } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { isSecure } from "../env";
import { clientAddress } from "../http/client-address";
import { cookieName } from "../http/cookies";
import type { Services } from "../services";
import { deviceOf } from "./device";
import { parseSessionToken, sessionCookieName } from "./session-token";

const SESSION_S = LIMITS.sessionTtlMs / 1_000;

/**
 * Sign-in by address and password through next-auth, whose sealed cookie carries nothing but the ids of the person and of
 * the session. What is refused reaches the form as our error code: `?error=wrong_credentials` in the answer's address.
 */
export function authOptions(services: Services, headers: Headers): AuthOptions {
  const { env } = services;
  return {
    secret: env.NEXTAUTH_SECRET,
    useSecureCookies: isSecure(env),
    session: { strategy: "jwt", maxAge: SESSION_S },
    jwt: { maxAge: SESSION_S },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    cookies: {
      sessionToken: hidden(sessionCookieName(env), isSecure(env)),
      callbackUrl: hidden(cookieName("next-auth.callback-url", isSecure(env)), isSecure(env)),
      csrfToken: hidden(cookieName("next-auth.csrf-token", isSecure(env)), isSecure(env)),
    },
    providers: [
      Credentials({
        credentials: { email: {}, password: {} },
        authorize: (credentials) => authorize(services, headers, credentials),
      }),
    ],
    callbacks: {
      jwt: async ({ token, user }) => {
        // Typed as always there, but given at sign-in only.
        const signedIn = user as User | undefined;
        if (signedIn !== undefined) return { sub: signedIn.id, sessionId: signedIn.sessionId };
        return requireLive(services, token);
      },
      session: ({ session, token }) => ({
        ...session,
        user: {},
        sessionId: parseSessionToken(token)?.sessionId ?? null,
      }),
    },
    events: { signOut: ({ token }) => endSession(services, token) },
    logger: loggerOf(services),
  };
}

async function authorize(services: Services, headers: Headers, credentials: unknown): Promise<User> {
  const signedIn = await trySignIn(services, headers, credentials);
  if (signedIn.ok) return { id: signedIn.value.account.userId, sessionId: signedIn.value.session.sessionId };
  const { code, message } = signedIn.error;
  services.log.info({ appCode: code, reason: message }, "sign-in refused");
  // next-auth hands the message to the form.
  throw new Error(code);
}

async function trySignIn(
  services: Services,
  headers: Headers,
  credentials: unknown,
): Outcome<{ session: Session; account: Account }> {
  const { database, redis, passwords, announcer, clock, env } = services;
  const parsed = signInInputSchema.safeParse(pickCredentials(credentials));
  // What cannot be anybody's address or password gets the answer of a wrong one.
  if (!parsed.success) return fail(appError("wrong_credentials", "not an address and a password"));
  const { email, password } = parsed.data;
  // Before the hash, so that guessing costs us less than the guesser.
  const allowed = await redis.limits.signIn({ ip: clientAddress(headers, env), email });
  if (!allowed.ok) return allowed;
  const { accounts, sessions } = database.stores;
  return signIn(
    { accounts, sessions, passwords, announcer, clock, newSessionId: () => newId("ses") },
    {
      email,
      password,
      device: deviceOf(headers.get("user-agent")),
      correlationId: currentCorrelationId() ?? newCorrelationId(),
    },
  );
}

/** next-auth takes the cookie away when this throws; while nobody can say whether the session lives, it stays. */
async function requireLive<Token>({ database, clock }: Services, token: Token): Promise<Token> {
  const claimed = parseSessionToken(token);
  if (claimed === null) throw new Error("session_revoked");
  const session = await checkSession({ sessions: database.stores.sessions, clock }, claimed);
  if (!session.ok && !session.error.retryable) throw new Error(session.error.code);
  return token;
}

/** next-auth mixes its own fields into the form's. */
function pickCredentials(credentials: unknown): unknown {
  if (typeof credentials !== "object" || credentials === null) return null;
  return { email: Reflect.get(credentials, "email"), password: Reflect.get(credentials, "password") };
}

async function endSession({ database, announcer, clock, log }: Services, token: unknown): Promise<void> {
  const ended = parseSessionToken(token);
  if (ended === null) return;
  const caller = { ...ended, correlationId: currentCorrelationId() ?? newCorrelationId() };
  const revoked = await revokeSession({ sessions: database.stores.sessions, announcer, clock }, caller, ended);
  if (!revoked.ok) log.warn({ appCode: revoked.error.code }, "a session outlives its sign-out");
}

function hidden(name: string, secure: boolean) {
  return { name, options: { httpOnly: true, sameSite: "lax", path: "/", secure } };
}

/** Names of problems only: next-auth's details carry what was typed. */
function loggerOf({ log }: Services): NonNullable<AuthOptions["logger"]> {
  return {
    error: (name, detail) => log.error({ name, err: detail instanceof Error ? detail : undefined }, "next-auth failed"),
    warn: (name) => log.warn({ name }, "next-auth warns"),
    debug: () => undefined,
  };
}
