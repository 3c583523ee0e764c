import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { seededRandom, type Random } from "@ashchat/visitor/random";
import { FAMILY_COUNT, randomCase, type FrameCase } from "./cases";

/**
 * Writes hostile bytes to a realtime server over many short connections, while bystanders go on. The server may answer
 * or close as it likes; it may not exit, keep a bystander waiting for over a second, or grow.
 */
export interface AttackOptions {
  port: number;
  path: string;
  origin: string;
  cases: number;
  seed: number;
  /** Hostile frames are written behind this one, for example a good `auth`. */
  preamble?: () => Promise<Buffer>;
}

export interface AttackReport {
  written: number;
  /** Upgrades that were refused or broke; the server may shed load. */
  refused: number;
  closedByServer: number;
  leftOpen: number;
  families: number;
}

const HOST = "127.0.0.1";
const PARALLEL = 48;
/** How long a case may wait for the server's reaction before the client gives up on it. */
const REACTION_MS = 40;
const CONNECT_TIMEOUT_MS = 5_000;

export async function attackFrames(options: AttackOptions): Promise<AttackReport> {
  const random = seededRandom(options.seed);
  const report: AttackReport = { written: 0, refused: 0, closedByServer: 0, leftOpen: 0, families: FAMILY_COUNT };
  let remaining = options.cases;
  const lane = async () => {
    while (remaining > 0) {
      remaining -= 1;
      const outcome = await runCase(options, randomCase(random), random);
      report[outcome] += 1;
      if (outcome !== "refused") report.written += 1;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return report;
}

type Outcome = "refused" | "closedByServer" | "leftOpen";

async function runCase(options: AttackOptions, hostile: FrameCase, random: Random): Promise<Outcome> {
  const preamble = options.preamble === undefined ? Buffer.alloc(0) : await options.preamble();
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port: options.port });
    let upgraded = false;
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => undefined); // a reset after the verdict says nothing new
      socket.destroy();
      resolve(outcome);
    };
    let timer = setTimeout(() => finish("refused"), CONNECT_TIMEOUT_MS);
    socket.once("connect", () => socket.write(upgradeOf(options)));
    socket.on("error", () => finish(upgraded ? "closedByServer" : "refused"));
    socket.on("close", () => finish(upgraded ? "closedByServer" : "refused"));
    socket.on("data", (chunk) => {
      if (upgraded) return;
      if (!chunk.toString("latin1").startsWith("HTTP/1.1 101")) {
        finish("refused");
        return;
      }
      upgraded = true;
      clearTimeout(timer);
      timer = setTimeout(() => finish("leftOpen"), REACTION_MS);
      const bytes = Buffer.concat([preamble, hostile.bytes]);
      const split = Math.floor(random() * bytes.length);
      socket.write(bytes.subarray(0, split));
      setImmediate(() => void (socket.destroyed || socket.write(bytes.subarray(split))));
    });
  });
}

function upgradeOf({ path, port, origin }: AttackOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${HOST}:${port}`,
    `Origin: ${origin}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "\r\n",
  ].join("\r\n");
}
