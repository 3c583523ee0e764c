/**
 * Processes that outlive the command that started them: each is recorded by pid AND start time, so that a recycled pid
 * is never signalled. All times in milliseconds.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;

/** An expected failure whose message is the whole explanation: printed without a stack trace. */
export class SetupError extends Error {}

/** Where a pid's process started (clock ticks or a date), or undefined when no such process lives; zombies are dead. */
function startTimeOf(pid) {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    } catch {
      return undefined; // gone between two reads, or never there
    }
  }
  const listed = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return listed.stdout.trim() || undefined;
}

/** Whether the recorded process (`{pid, startTime}`) still runs. */
export function isAlive(record) {
  return Boolean(record?.pid) && startTimeOf(record.pid) === record.startTime;
}

/** The record by which a running process can be found again. */
export function recordOf(pid) {
  return { pid, startTime: startTimeOf(pid) };
}

/** Starts `command` in a process group of its own, with its output appended to `logFile`; returns its record. */
export async function startDetached({ command, args, env, cwd, logFile }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  try {
    const child = spawn(command, args, { detached: true, cwd, env: env ?? process.env, stdio: ["ignore", log, log] });
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(new SetupError(`${command} cannot be started: ${cause.message}`)));
    });
    child.unref();
    return recordOf(child.pid);
  } finally {
    closeSync(log);
  }
}

/** Sends `signal` to the process, or to its whole group; returns whether there was one to signal. */
export function sendSignal(record, signal, { group = false } = {}) {
  if (!isAlive(record)) return false;
  try {
    process.kill(group ? -record.pid : record.pid, signal);
    return true;
  } catch (cause) {
    if (cause.code === "ESRCH") return false;
    throw cause;
  }
}

/** Ends the process: TERM, then KILL after `graceMs`. Idempotent. */
export async function stopProcess(record, { graceMs = 8000, group = false } = {}) {
  if (!sendSignal(record, "SIGTERM", { group })) return;
  if (await becomesTrue(() => !isAlive(record), graceMs)) return;
  sendSignal(record, "SIGKILL", { group });
  await becomesTrue(() => !isAlive(record), 2000);
}

/** Looks every `everyMs` until `condition` (may be async) holds; false when `deadlineMs` passed first. */
export async function becomesTrue(condition, deadlineMs, everyMs = POLL_MS) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= end) return false;
    await delay(everyMs);
  }
}

/** Whether something accepts connections on 127.0.0.1:port. */
export function accepts(port, timeoutMs = 500) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** Whether an HTTP GET of `url` is answered with 2xx. */
export async function answers(url, timeoutMs = 2000) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}

/** The last `count` lines of a log file, for a report of what went wrong. */
export function tailOf(file, count = 15) {
  if (!existsSync(file)) return "";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}

/**
 * Throws, with the end of the log, unless the process becomes ready within the deadline; ends early if it dies. One that
 * is given up is ended: nobody would know of it any more, and its port would be taken at the next try.
 */
export async function waitReady({ name, record, ready, logFile, deadlineMs }) {
  let died = false;
  const ok = await becomesTrue(async () => {
    if (await ready()) return true;
    died = !isAlive(record);
    return died;
  }, deadlineMs);
  if (ok && !died) return;
  await stopProcess(record);
  const why = died ? "ended while starting" : `was not ready after ${deadlineMs / 1000} s`;
  throw new SetupError(`${name} ${why}; the end of ${logFile}:\n${tailOf(logFile)}`);
}
