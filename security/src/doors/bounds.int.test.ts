import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { LIMITS } from "@ashchat/contracts/limits";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { openClient } from "@ashchat/realtime/testing/client";
import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wireFrame } from "../frames/cases";
import { openHouse, type OpenHouse } from "../house/open-house";

/** Of the server that sockets come to: what it promises in its own file. */
const HEADERS_MAX_MS = 5_000;
const HEADERS_MAX = 64;
const HEADER_BYTES_MAX = 16_384;
const FRAGMENTS_MAX = 32;
/** What a look every second and a busy machine add to a deadline. */
const LATE_MAX_MS = 4_000;
const POLICY_VIOLATION = 1_008;

let house: OpenHouse;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const portOf = () => Number(new URL(house.realtimeUrl).port);

/** A connection on which `head` has been written; its answer grows in `heard`. */
async function write(head: string): Promise<{ socket: Socket; heard: () => Buffer }> {
  const socket = connectSocket({ host: "127.0.0.1", port: portOf() });
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(head);
  return { socket, heard: () => Buffer.concat(parts) };
}

function upgrade(more: readonly string[] = []): string {
  const lines = [
    ...["GET /realtime HTTP/1.1", `Host: 127.0.0.1:${portOf()}`, ...more, `Origin: ${house.webUrl}`],
    ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

async function statusOf(head: string): Promise<number | null> {
  const { socket, heard } = await write(head);
  await waitFor(() => heard().length > 0 || socket.closed);
  socket.destroy();
  const status = /^HTTP\/1\.1 (\d+)/u.exec(heard().toString("latin1"))?.[1];
  return status === undefined ? null : Number(status);
}

describe("who does not finish asking", () => {
  it.each([
    ["says nothing", ""],
    ["stops in the middle of the headers", "GET /realtime HTTP/1.1\r\nHost: x\r\n"],
  ])("and %s is cut in time", async (_name, head) => {
    const startedAt = Date.now();
    const { socket } = await write(head);
    await waitFor(() => socket.closed, { deadlineMs: HEADERS_MAX_MS + LATE_MAX_MS, what: "the end of the connection" });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(HEADERS_MAX_MS - LATE_MAX_MS);
  });

  it("and sends a header now and then is cut in time as well", async () => {
    const { socket } = await write("GET /realtime HTTP/1.1\r\nHost: x\r\n");
    const dripping = setInterval(() => socket.writable && socket.write("X-More: of it\r\n"), 500);
    await waitFor(() => socket.closed, { deadlineMs: HEADERS_MAX_MS + LATE_MAX_MS, what: "the end of the connection" });
    clearInterval(dripping);
  });

  it("or has a socket and shows no ticket is cut in time", async () => {
    const client = await openClient({ port: portOf(), origin: house.webUrl });
    expect(await client.closed(LIMITS.authDeadlineMs + LATE_MAX_MS)).toBe(CLOSE_CODES.ticketRefused);
  });
});

describe("the headers of an upgrade", () => {
  it("are read up to their number: an origin that stands behind too many is none", async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: x`);
    expect(await statusOf(upgrade(many(HEADERS_MAX - 10)))).toBe(101);
    expect(await statusOf(upgrade(many(HEADERS_MAX)))).toBe(403);
  });

  it("are read up to their size", async () => {
    expect(await statusOf(upgrade([`X: ${"x".repeat(HEADER_BYTES_MAX - 1_000)}`]))).toBe(101);
    expect(await statusOf(upgrade([`X: ${"x".repeat(HEADER_BYTES_MAX)}`]))).not.toBe(101);
  });
});

describe("a message in parts", () => {
  /** The code of the close frame that answers `count` fragments of a frame that nobody knows. */
  async function codeFor(count: number): Promise<number> {
    const { socket, heard } = await write(upgrade());
    await waitFor(() => heard().includes("\r\n\r\n"));
    const parts = Array.from({ length: count }, (_, index) =>
      wireFrame({ opcode: index === 0 ? 1 : 0, fin: index === count - 1, payload: Buffer.from("[") }),
    );
    socket.write(Buffer.concat(parts));
    const closing = await waitFor(() => closeFrameIn(heard()), { what: "a close frame" });
    socket.destroy();
    return closing;
  }

  it("is read up to the number of its parts", async () => {
    expect(await codeFor(FRAGMENTS_MAX)).toBe(CLOSE_CODES.malformed);
    expect(await codeFor(FRAGMENTS_MAX + 1)).toBe(POLICY_VIOLATION);
  });
});

/** Without a mask, as servers write: 0x88, length, code. */
function closeFrameIn(heard: Buffer): number | null {
  const frame = heard.subarray(heard.indexOf("\r\n\r\n") + 4);
  return frame.length >= 4 && frame[0] === 0x88 ? frame.readUInt16BE(2) : null;
}
