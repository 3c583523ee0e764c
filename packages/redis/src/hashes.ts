import { createHash } from "node:crypto";

/** Names an e-mail address or a ticket in keys without showing it: keys appear in logs, monitors and dumps. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}

/** The network of one customer: an IPv4 address, or the first half of an IPv6 one, whose rest its owner chooses freely. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = ip.toLowerCase().split("%")[0]?.split("::") ?? [];
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, IPV6_GROUPS - front.length - back.length);
  const groups = [...front, ...Array.from({ length: zeros }, () => "0"), ...back];
  return groups
    .slice(0, IPV6_GROUPS / 2)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

const IPV6_GROUPS = 8;

/** FNV-1a: spreads rooms evenly over shards, the same in every process. */
export function shardOf(value: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < value.length; index += 1) {
    hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % shards;
}
