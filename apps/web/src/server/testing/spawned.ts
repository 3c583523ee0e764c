import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { waitFor } from "@ashchat/runtime/testing";

/** One of our processes as it runs in production, with `tsx` in place of the bundle. */
export interface Spawned {
  /** What it wrote with "started". */
  readonly started: Readonly<Record<string, unknown>>;
  /** The signal or exit code with which it ended. */
  ended(): Promise<NodeJS.Signals | number>;
  stop(): Promise<void>;
}

const WORKSPACE = join(import.meta.dirname, "..", "..", "..");
const WORKERS = join(WORKSPACE, "..", "workers");
const START_DEADLINE_MS = 45_000;

const ENTRIES = {
  web: { cwd: WORKSPACE, entry: "src/server/testing/serve.ts" },
  "email-verification": { cwd: WORKERS, entry: "src/email-verification/main.ts" },
  profiles: { cwd: WORKERS, entry: "src/profiles/main.ts" },
} as const;

export async function spawnProcess(
  name: keyof typeof ENTRIES,
  variables: Readonly<Record<string, string>>,
): Promise<Spawned> {
  const { cwd, entry } = ENTRIES[name];
  const child = spawn(process.execPath, ["--import", "tsx", entry], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...variables, NODE_ENV: "test" },
  });
  const ended = once(child, "exit").then(([code, signal]: (number | NodeJS.Signals | null)[]) => signal ?? code ?? 0);
  const log = readLog(child);
  const started = await waitFor(() => log.find((line) => line["msg"] === "started"), {
    deadlineMs: START_DEADLINE_MS,
    what: `the start of ${name}`,
  });
  return {
    started,
    ended: () => ended,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function readLog(child: ChildProcess): Record<string, unknown>[] {
  const log: Record<string, unknown>[] = [];
  if (child.stdout === null) throw new Error("the process has no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("{")) log.push(JSON.parse(line) as Record<string, unknown>);
  });
  return log;
}
