import type { UiLanguage } from "@ashchat/contracts/languages";

/** Set by the page when somebody chooses a language; read by the server for every page. Readable by scripts. */
export const LOCALE_COOKIE = "ashchat.locale";
/** Seconds: a year. */
const LOCALE_COOKIE_AGE_S = 31_536_000;

/** The text for `document.cookie` that keeps `locale`. */
export function localeCookie(locale: UiLanguage, secure: boolean): string {
  return `${LOCALE_COOKIE}=${locale}; Path=/; Max-Age=${LOCALE_COOKIE_AGE_S}; SameSite=Lax${secure ? "; Secure" : ""}`;
}

/** Whether this device has a choice of its own. */
export function hasLocaleCookie(cookies: string): boolean {
  return cookies.split("; ").some((cookie) => cookie.startsWith(`${LOCALE_COOKIE}=`));
}
