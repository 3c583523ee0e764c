import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { resolveLocale } from "./locale";
import { LOCALE_COOKIE } from "./locale-cookie";
import { loadMessages } from "./messages";

/** The language of one page: no locale in the address, so that a link reads right for everybody. */
export default getRequestConfig(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const locale = resolveLocale(jar.get(LOCALE_COOKIE)?.value, head.get("accept-language"));
  return { locale, messages: await loadMessages(locale), timeZone: "UTC" };
});
