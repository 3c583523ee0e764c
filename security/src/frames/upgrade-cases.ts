import { between, pick, type Random } from "@ashchat/visitor/random";
import type { FrameCase } from "./cases";

/** What is written in place of a good upgrade. */
const HEADERS_MANY = 200;
const HEADER_BYTES_MANY = 40_000;
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

const request = (...lines: string[]): Buffer => Buffer.from([...lines, "", ""].join("\r\n"), "latin1");
const upgrade = ["Connection: Upgrade", "Upgrade: websocket"];
const good = (origin: string): string[] => [
  "Host: x",
  `Origin: ${origin}`,
  ...upgrade,
  "Sec-WebSocket-Version: 13",
  KEY,
];

type Family = (random: Random, origin: string) => FrameCase;

const FAMILIES: readonly Family[] = [
  (random) => ({
    name: "bytes in place of HTTP",
    bytes: Buffer.from(pick(random, ["\0\0\0", "\x16\x03\x01\x02", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]), "latin1"),
  }),
  (random, origin) => ({
    name: "wrong version of WebSocket",
    bytes: request(
      "GET /realtime HTTP/1.1",
      ...good(origin).slice(0, 4),
      `Sec-WebSocket-Version: ${between(random, -1, 255)}`,
      KEY,
    ),
  }),
  (random, origin) => ({
    name: "wrong key",
    bytes: request(
      "GET /realtime HTTP/1.1",
      ...good(origin).slice(0, 5),
      `Sec-WebSocket-Key: ${"A".repeat(between(random, 0, 64))}`,
    ),
  }),
  (random, origin) => ({
    name: "wrong method",
    bytes: request(
      `${pick(random, ["POST", "HEAD", "OPTIONS", "CONNECT", "TRACE"])} /realtime HTTP/1.1`,
      ...good(origin),
    ),
  }),
  (random, origin) => ({
    name: "odd target",
    bytes: request(
      `GET ${pick(random, ["//realtime", "*", "http://[::1/", "/realtime?%00", "/%72ealtime", "/../realtime", "/\x7f"])} HTTP/1.1`,
      ...good(origin),
    ),
  }),
  (_random, origin) => ({
    name: "many headers",
    bytes: request(
      "GET /realtime HTTP/1.1",
      ...Array.from({ length: HEADERS_MANY }, (_, index) => `X-${index}: x`),
      ...good(origin),
    ),
  }),
  (_random, origin) => ({
    name: "large header",
    bytes: request("GET /realtime HTTP/1.1", `X: ${"x".repeat(HEADER_BYTES_MANY)}`, ...good(origin)),
  }),
  (random, origin) => ({
    name: "offered extensions",
    bytes: request(
      "GET /realtime HTTP/1.1",
      ...good(origin),
      `Sec-WebSocket-Extensions: ${pick(random, ["permessage-deflate; server_max_window_bits=99", ";;,", "permessage-deflate".repeat(50), 'x; y="z'])}`,
    ),
  }),
  (_random, origin) => ({
    name: "offered protocols",
    bytes: request("GET /realtime HTTP/1.1", ...good(origin), "Sec-WebSocket-Protocol: a,,a, ,__proto__"),
  }),
  (_random, origin) => ({
    name: "two lengths",
    bytes: request("GET /realtime HTTP/1.1", ...good(origin), "Content-Length: 5", "Transfer-Encoding: chunked"),
  }),
  (_random, origin) => ({
    name: "requests in a row",
    bytes: Buffer.concat(Array.from({ length: 5 }, () => request("GET /realtime HTTP/1.1", ...good(origin)))),
  }),
];

export function randomUpgrade(random: Random, origin: string): FrameCase {
  return pick(random, FAMILIES)(random, origin);
}

export const UPGRADE_FAMILY_COUNT = FAMILIES.length;
