import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../services/process.mjs";
import { ROOT } from "../stack/definitions.mjs";
import { run } from "../services/run.mjs";

const OLDEST_NODE = [20, 12];
const INSTALL_MS = 600_000;
const HEAD_LINES = 15;

/** Throws a sentence on a Node that is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(`Node ${OLDEST_NODE.join(".")} or newer is needed; this is ${process.versions.node}.`);
}

/** `npm ci` where packages are missing or the lockfile has changed since; install scripts never run. */
export async function ensurePackages({ logDir }) {
  const stamp = join(ROOT, "node_modules", ".ashchat-lock");
  const lock = join(ROOT, "package-lock.json");
  const hash = createHash("sha256").update(readFileSync(lock)).update(process.versions.modules).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return "up to date";
  const adopted = installedByHand(lock);
  if (!adopted) {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    const logFile = join(logDir, "npm-ci.log");
    const { status } = await run("npm", args, { cwd: ROOT, logFile, timeoutMs: INSTALL_MS });
    if (status !== 0) throw new SetupError(`npm ci failed (${status}); ${logFile} begins with:\n${headOf(logFile)}`);
  }
  writeFileSync(stamp, hash);
  return adopted ? "up to date" : "installed";
}

/** npm says first what is wrong, and then how it is used. */
function headOf(file) {
  return readFileSync(file, "utf8").split("\n").slice(0, HEAD_LINES).join("\n");
}

/** Somebody ran npm himself after the lockfile's last change: nothing to do. */
function installedByHand(lock) {
  const own = join(ROOT, "node_modules", ".package-lock.json");
  return (
    existsSync(own) &&
    !existsSync(join(ROOT, "node_modules", ".ashchat-lock")) &&
    statSync(own).mtimeMs >= statSync(lock).mtimeMs
  );
}
