import { randomBytes } from "node:crypto";
import { seededRandom, type Random } from "@ashchat/visitor/random";
import { randomCases } from "./cases";
import { converse, type Ending } from "./converse";
import { randomUpgrade } from "./upgrade-cases";

/**
 * Writes hostile bytes to a realtime server over many short connections, while bystanders go on. The server may answer
 * or close as it likes; it may not exit, keep a bystander waiting for over a second, or grow.
 */
export interface AttackOptions {
  readonly port: number;
  readonly path: string;
  readonly origin: string;
  readonly cases: number;
  readonly seed: number;
  /** Sockets at a time. Signing in asks the database, whose load is not what is tested here. */
  readonly parallel: number;
  /** Written first on every socket, for example a good `auth`: the cases follow as soon as it has been answered. */
  readonly preamble?: () => Promise<Preamble>;
}

export interface Preamble {
  readonly bytes: Buffer;
  /** An id of the same length stands in the cases for the room that nobody has. */
  readonly roomId: string;
}

export interface AttackReport {
  /** Cases, not sockets: a signed-in socket carries several. */
  written: number;
  /** Sockets with a good upgrade that was refused or broke; the server may shed load. */
  refused: number;
  closedByServer: number;
  /** The server waited for more, or had answered and waited. */
  closedByClient: number;
  /** Sockets that the server did not close after their client had. */
  hung: number;
  names: Set<string>;
}

const HOST = "127.0.0.1";
/** The third malformed frame closes. */
export const CASES_PER_SIGNED_IN_SOCKET = 3;
/** One in so many sockets begins with something else than an upgrade. */
const HOSTILE_UPGRADE_EVERY = 10;
const NOBODYS_ROOM = "room_00000000000000000000000000";

export async function attackFrames(options: AttackOptions): Promise<AttackReport> {
  const random = seededRandom(options.seed);
  const report: AttackReport = {
    written: 0,
    refused: 0,
    closedByServer: 0,
    closedByClient: 0,
    hung: 0,
    names: new Set(),
  };
  const perSocket = options.preamble === undefined ? 1 : CASES_PER_SIGNED_IN_SOCKET;
  let remaining = options.cases;
  const lane = async () => {
    while (remaining > 0) {
      const count = Math.min(perSocket, remaining);
      remaining -= count;
      report[await runSocket(options, { random, count, names: report.names })] += 1;
      report.written += count;
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, lane));
  return report;
}

interface Plan {
  readonly random: Random;
  readonly count: number;
  readonly names: Set<string>;
}

async function runSocket(options: AttackOptions, plan: Plan): Promise<Ending> {
  const { random, names } = plan;
  const preamble = await options.preamble?.();
  if (preamble === undefined && random() < 1 / HOSTILE_UPGRADE_EVERY) {
    const { name, bytes } = randomUpgrade(random, options.origin);
    names.add(name);
    const ending = await converse(options.port, { steps: [], chunks: inTwo(bytes, random) });
    return ending === "refused" ? "closedByServer" : ending;
  }
  const hostile = randomCases(random, plan.count).map(({ name, bytes }) => {
    names.add(name);
    return preamble === undefined ? bytes : withRoom(bytes, preamble.roomId);
  });
  const steps = [upgradeOf(options), ...(preamble === undefined ? [] : [preamble.bytes])];
  return converse(options.port, { steps, chunks: inTwo(Buffer.concat(hostile), random) });
}

/** Of the same length, so that the lengths in front stay as right or wrong as they are. */
function withRoom(bytes: Buffer, roomId: string): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll(NOBODYS_ROOM, roomId), "latin1");
}

/** TCP may cut anywhere. */
function inTwo(bytes: Buffer, random: Random): Buffer[] {
  const split = Math.floor(random() * bytes.length);
  return [bytes.subarray(0, split), bytes.subarray(split)];
}

function upgradeOf({ path, port, origin }: AttackOptions): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${HOST}:${port}`,
    `Origin: ${origin}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "\r\n",
  ];
  return Buffer.from(lines.join("\r\n"));
}
