import { between, pick, type Random } from "@ashchat/visitor/random";

/** Bytes to write to an upgraded connection, with a name for the report. */
export interface FrameCase {
  name: string;
  bytes: Buffer;
}

const ROOM = "room_00000000000000000000000000";
const CLIENT = "client-id-00000000";
const DEPTH_MAX = 2_000;
const LONG_TEXT_MAX = 70_000;
/** More parts of one message than these end the socket. */
const FRAGMENTS_MAX = 32;

/** A well-formed client frame of RFC 6455, masked, or one that is wrong in the named ways. */
export function wireFrame(options: {
  opcode: number;
  payload: Buffer;
  fin?: boolean;
  rsv?: number;
  masked?: boolean;
  length?: number;
}): Buffer {
  const { opcode, payload, fin = true, rsv = 0, masked = true, length = payload.length } = options;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | (opcode & 0x0f);
  const maskBit = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([first, maskBit | length])
      : length < 65_536
        ? Buffer.from([first, maskBit | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, maskBit | 127]), bigEndian64(length)]);
  const mask = masked ? Buffer.from([0, 0, 0, 0]) : Buffer.alloc(0);
  return Buffer.concat([head, mask, payload]);
}

function bigEndian64(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

const text = (payload: string): Buffer => wireFrame({ opcode: 1, payload: Buffer.from(payload) });

const LEAVES: readonly string[] = [
  "null",
  "true",
  "-1",
  "0",
  "1.5",
  "1e309",
  "9007199254740993",
  '""',
  '"x"',
  '"__proto__"',
  '"\\ud800"',
  '"\\u0000"',
  "[]",
  "{}",
  '{"$gt":""}',
  '{"$where":"sleep(1000)"}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{}}}',
  `"${ROOM}"`,
  `"${CLIENT}"`,
];
const TYPES = [
  "auth",
  "resume",
  "send",
  "typing",
  "delivered",
  "read",
  "ping",
  "ready",
  "message",
  "change",
  "__proto__",
  "constructor",
  "",
];
const KEYS = [
  "roomId",
  "clientId",
  "text",
  "seq",
  "changeSeq",
  "cursors",
  "ticket",
  "v",
  "t",
  "__proto__",
  "$gt",
  "toString",
];

type Family = (random: Random) => FrameCase;

/** Ways in which a frame can be wrong. After these the server hears on: it has answered, or has nothing to say. */
const HEARD: readonly Family[] = [
  (random) => ({ name: "grammar of JSON", bytes: text(randomJson(random, 0)) }),
  (random) => ({ name: "almost a frame", bytes: text(almostFrame(random)) }),
  (random) => ({ name: "cut JSON", bytes: text(cut(random, almostFrame(random))) }),
  (random) => ({
    name: "binary",
    bytes: wireFrame({ opcode: 2, payload: randomBytes(random, between(random, 0, 300)) }),
  }),
  (random) => ({ name: "fragments", bytes: fragments(between(random, 2, FRAGMENTS_MAX)) }),
  (random) => ({ name: "deep nesting", bytes: text("[".repeat(between(random, 100, DEPTH_MAX))) }),
  (random) => ({ name: "large text", bytes: largeText(between(random, 4_001, 65_000)) }),
  (random) => ({
    name: "ping flood",
    bytes: Buffer.concat(
      Array.from({ length: between(random, 1, 50) }, () => wireFrame({ opcode: 9, payload: Buffer.from("x") })),
    ),
  }),
];

/** And these end their socket, so that nothing behind them is read. */
const ENDING: readonly Family[] = [
  (random) => ({ name: "random bytes", bytes: randomBytes(random, between(random, 1, 600)) }),
  (random) => ({
    name: "invalid UTF-8",
    bytes: wireFrame({ opcode: 1, payload: randomBytes(random, between(random, 1, 200)) }),
  }),
  (random) => ({
    name: "reserved bits",
    bytes: wireFrame({ opcode: 1, rsv: between(random, 1, 7), payload: Buffer.from("{}") }),
  }),
  (random) => ({
    name: "reserved opcode",
    bytes: wireFrame({ opcode: pick(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: Buffer.from("{}") }),
  }),
  () => ({ name: "not masked", bytes: wireFrame({ opcode: 1, masked: false, payload: Buffer.from('{"t":"ping"}') }) }),
  (random) => ({
    name: "wrong length",
    bytes: wireFrame({ opcode: 1, payload: Buffer.from("{}"), length: between(random, 3, 60_000) }),
  }),
  (random) => ({
    name: "length beyond all bounds",
    bytes: wireFrame({
      opcode: 1,
      payload: Buffer.from("x"),
      length: pick(random, [65_537, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]),
    }),
  }),
  (random) => ({
    name: "control frame too long",
    bytes: wireFrame({ opcode: pick(random, [8, 9, 10]), payload: Buffer.alloc(between(random, 126, 300)) }),
  }),
  () => ({ name: "control frame in parts", bytes: wireFrame({ opcode: 9, fin: false, payload: Buffer.from("x") }) }),
  () => ({ name: "continuation of nothing", bytes: wireFrame({ opcode: 0, payload: Buffer.from("x") }) }),
  (random) => ({ name: "too many fragments", bytes: fragments(between(random, FRAGMENTS_MAX + 1, 200)) }),
  (random) => ({
    name: "odd close",
    bytes: wireFrame({
      opcode: 8,
      payload: pick(random, [Buffer.from([3]), Buffer.from([0, 0]), Buffer.from([0x13, 0x88, 0xff, 0xfe])]),
    }),
  }),
  (random) => ({ name: "text beyond a frame", bytes: largeText(between(random, 65_537, LONG_TEXT_MAX)) }),
];
const FAMILIES = [...HEARD, ...ENDING];

/** What is written to one socket: all of it is read, for only the last may end it. */
export function randomCases(random: Random, count: number): FrameCase[] {
  return Array.from({ length: count }, (_, index) => pick(random, index < count - 1 ? HEARD : FAMILIES)(random));
}

export const FAMILY_COUNT = FAMILIES.length;

function largeText(chars: number): Buffer {
  return text(JSON.stringify({ t: "send", roomId: ROOM, clientId: CLIENT, text: "x".repeat(chars) }));
}

function fragments(count: number): Buffer {
  const parts = Array.from({ length: count }, (_, index) =>
    wireFrame({ opcode: index === 0 ? 1 : 0, fin: index === count - 1, payload: Buffer.from("[") }),
  );
  return Buffer.concat(parts);
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => between(random, 0, 255)));
}

function randomJson(random: Random, depth: number): string {
  const kind = depth > 4 ? 0 : between(random, 0, 3);
  if (kind < 2) return pick(random, LEAVES);
  const items = Array.from({ length: between(random, 0, 4) }, () => randomJson(random, depth + 1));
  return kind === 2 ? `[${items.join(",")}]` : `{${items.map((item) => `"${pick(random, KEYS)}":${item}`).join(",")}}`;
}

function almostFrame(random: Random): string {
  const fields = Array.from(
    { length: between(random, 0, 5) },
    () => `"${pick(random, KEYS)}":${randomJson(random, 2)}`,
  );
  return `{"t":"${pick(random, TYPES)}"${fields.map((field) => `,${field}`).join("")}}`;
}

function cut(random: Random, json: string): string {
  return json.slice(0, between(random, 0, json.length - 1));
}
