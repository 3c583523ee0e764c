import { execFile, fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A server under measurement, in a process of its own. */
export interface Child {
  pid: number;
  /** Seconds of processor time used so far, user and system. */
  cpuSeconds(): number;
  /** Resident memory in bytes. */
  rssBytes(): number;
  /** What it holds after everything that can be freed has been. */
  settled(): Promise<SettledMemory>;
  stop(): Promise<void>;
}

export interface SettledMemory {
  rssBytes: number;
  heapBytes: number;
}

const READY_TIMEOUT_MS = 120_000;
/** USER_HZ of Linux. */
const TICKS_PER_SECOND = 100;
const BYTES_PER_KB = 1024;

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const built = new Map<string, Promise<unknown>>();

/** Starts `servers/<name>.ts`; resolves when it says `ready`. */
export async function startServerProcess(name: string, args: readonly string[]): Promise<Child> {
  const child = await forkServer(name, args);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start in time`)), READY_TIMEOUT_MS);
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
    child.once("message", () => {
      clearTimeout(timer);
      const pid = child.pid ?? 0;
      resolve({
        pid,
        cpuSeconds: () => cpuSecondsOf(pid),
        rssBytes: () => rssBytesOf(pid),
        settled: () =>
          new Promise((settled) => {
            child.once("message", (memory) => settled(memory as SettledMemory));
            child.send("settle");
          }),
        stop: () =>
          new Promise((stopped) => {
            child.once("exit", () => stopped());
            child.kill("SIGKILL");
          }),
      });
    });
  });
}

/** Runs `servers/<name>.ts`, which measures itself, and gives what it sends when it is done. */
export async function runMeasurement(name: string, args: readonly string[]): Promise<unknown> {
  const child = await forkServer(name, args);
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

/** Starts what `buildServer` made; `env` is all it gets, its own variables where none is given. */
export async function forkServer(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess> {
  return fork(await buildServer(name), [...args], {
    env,
    execArgv: ["--enable-source-maps", "--max-old-space-size=4096", "--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

/** Bundled as the product is: a loader of TypeScript would name every closure as it is made, on the way of each message. */
async function buildServer(name: string): Promise<string> {
  const command = ["../tools/build-node.mjs", `src/servers/${name}.ts`];
  let building = built.get(name);
  if (building === undefined) {
    building = promisify(execFile)(process.execPath, command, { cwd: FOLDER });
    built.set(name, building);
  }
  await building;
  return `${FOLDER}dist/${name}.js`;
}

/** Seconds of processor time that a process used so far, user and system. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function rssBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0) * BYTES_PER_KB;
}
