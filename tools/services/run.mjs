import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SetupError, tailOf } from "./process.mjs";

/** For what a command that is out of time has started and must end itself: servers lead groups of their own. */
const END_GRACE_MS = 60_000;
/** The groups that run now, so that an interrupted command can end them. */
const groups = new Set();

/**
 * Runs a command to its end and returns `{ status, stdout }`. With `logFile` the output goes there, else to the
 * terminal (stderr always) unless `quiet`. The command leads its own process group, which is told to end after `timeoutMs` and
 * killed `graceMs` later; the status is `timeout` then.
 */
export function run(command, args, options = {}) {
  const { cwd, env = process.env, logFile, quiet = false, timeoutMs = 600_000, graceMs = END_GRACE_MS } = options;
  if (logFile) mkdirSync(dirname(logFile), { recursive: true });
  const log = logFile && createWriteStream(logFile);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    groups.add(child);
    let stdout = "";
    let timedOut = false;
    let timer = setTimeout(() => {
      timedOut = true;
      endGroup(child, "SIGTERM");
      timer = setTimeout(() => endGroup(child, "SIGKILL"), graceMs);
    }, timeoutMs);
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (log) log.write(chunk);
      else if (!quiet) process.stdout.write(chunk);
    });
    child.stderr.on("data", (chunk) => (log ? log.write(chunk) : process.stderr.write(chunk)));
    child.once("error", (cause) => reject(new SetupError(`${command} cannot be run: ${cause.message}`)));
    child.once("close", (status) => {
      clearTimeout(timer);
      groups.delete(child);
      const result = { status: timedOut ? "timeout" : status, stdout };
      if (log) log.end(() => resolve(result));
      else resolve(result);
    });
  });
}

/** Like `run`, but a status other than 0 is a SetupError with the end of the log. */
export async function mustRun(what, [command, ...args], options) {
  const { status, stdout } = await run(command, args, options);
  if (status === 0) return stdout;
  const tail = options.logFile ? `; the end of ${options.logFile}:\n${tailOf(options.logFile, 30)}` : "";
  throw new SetupError(`${what} failed (${status})${tail}`);
}

/** Ends every command that runs now. */
export function endCommands() {
  for (const child of groups) endGroup(child, "SIGTERM");
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (cause) {
    if (cause.code !== "ESRCH") throw cause;
  }
}
