import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SetupError } from "./process.mjs";

const APT_TIMEOUT_MS = 300_000;

/** The full path of a program, looked for on PATH and in the places that a service user's PATH may lack. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Whether packages can be installed here: Debian or Ubuntu, as root. */
function canInstall() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  if (!existsSync("/etc/os-release") || !findProgram("apt-get")) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** Installs Debian packages (none: nothing happens). Where that is not possible, throws a sentence that names them. */
export function installPackages(packages, { log }) {
  if (packages.length === 0) return;
  const names = packages.join(" ");
  if (!canInstall()) {
    throw new SetupError(
      `Missing here: ${names}. Install them (on Debian or Ubuntu: sudo apt-get install ${names}) and try again.`,
    );
  }
  log(`installing ${names} …`);
  runApt(["update", "-q"], names);
  runApt(["install", "-y", "-q", "--no-install-recommends", ...packages], names);
}

function runApt(args, names) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const done = spawnSync("apt-get", args, { env, encoding: "utf8", timeout: APT_TIMEOUT_MS });
  if (done.status === 0) return;
  const tail = `${done.stdout ?? ""}${done.stderr ?? ""}`.trim().split("\n").slice(-8).join("\n");
  throw new SetupError(`apt-get ${args[0]} failed (wanted: ${names}):\n${tail}`);
}
