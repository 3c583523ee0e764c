/** Set by this process on every request before anybody else sees it; what a client sends under this name is overwritten. */
export const PEER_HEADER = "x-ashchat-peer";
const UNKNOWN = "unknown";

/**
 * Whose limits a request counts against. The peer of the connection; behind a trusted proxy the last entry of
 * X-Forwarded-For, which is the one that this proxy wrote. Entries before it are the client's own words.
 */
export function clientAddress(headers: Headers, { TRUST_PROXY }: { TRUST_PROXY: boolean }): string {
  const peer = headers.get(PEER_HEADER) ?? UNKNOWN;
  if (!TRUST_PROXY) return peer;
  const forwarded = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  return forwarded === undefined || forwarded === "" ? peer : forwarded;
}
