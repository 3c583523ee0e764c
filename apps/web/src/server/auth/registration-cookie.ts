import { userIdSchema, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { isSecure, type WebEnv } from "../env";
import { cookieName, hiddenCookie } from "../http/cookies";

const REGISTRATION_COOKIE = "ashchat.registration";
/**
 * The code lives from the moment in which its mail is made, this cookie from the answer before that: a queue that is behind or
 * a worker that starts again must not cost the person what the mail promises. Two minutes of that.
 */
const MAIL_DELAY_MS = 120_000;

/**
 * Binds a code to the browser that asked for it: a code that is mailed to a person cannot confirm what somebody else typed
 * into another browser under the same address. Lives a little longer than the code, which alone says whether it is good.
 */
export function registrationCookie(registrationId: UserId, env: Pick<WebEnv, "PUBLIC_URL">): string {
  const maxAgeS = Math.ceil((LIMITS.codeTtlMs + MAIL_DELAY_MS) / 1_000);
  return hiddenCookie(REGISTRATION_COOKIE, { value: registrationId, maxAgeS, secure: isSecure(env) });
}

export function readRegistration(cookies: ReadonlyMap<string, string>, env: Pick<WebEnv, "PUBLIC_URL">): UserId | null {
  const parsed = userIdSchema.safeParse(cookies.get(cookieName(REGISTRATION_COOKIE, isSecure(env))));
  return parsed.success ? parsed.data : null;
}
