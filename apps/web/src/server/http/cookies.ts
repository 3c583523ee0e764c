const COOKIES_MAX = 50;

export interface CookieOptions {
  readonly value: string;
  /** Seconds; 0 takes the cookie away. */
  readonly maxAgeS: number;
  readonly secure: boolean;
}

/** Browsers take a `__Host-` cookie only from this very host, over https: no other site or subdomain can plant one. */
export function cookieName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name;
}

/** A `Set-Cookie` value that no script can read and no other site's form post carries. */
export function hiddenCookie(name: string, { value, maxAgeS, secure }: CookieOptions): string {
  const parts = [`${cookieName(name, secure)}=${value}`, "Path=/", "HttpOnly", "SameSite=Lax", `Max-Age=${maxAgeS}`];
  return [...parts, ...(secure ? ["Secure"] : [])].join("; ");
}

/** Decoded; the first value of each name, which is the most specific one by the order in which browsers send them. */
export function readCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? "").split(";", COOKIES_MAX)) {
    const split = part.indexOf("=");
    const name = part.slice(0, Math.max(0, split)).trim();
    if (name !== "" && !cookies.has(name)) cookies.set(name, decoded(part.slice(split + 1).trim()));
  }
  return cookies;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not encoded by us: as it is.
    return value;
  }
}
