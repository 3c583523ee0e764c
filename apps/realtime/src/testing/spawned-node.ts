import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { messagingBench } from "@ashchat/messaging/testing";
import { deleteTopology, topologyOf } from "@ashchat/messaging/topology";
import { optionalTestEnv, testEnv, waitFor } from "@ashchat/runtime/testing";
import { ORIGIN } from "./harness";

/** The real process: what runs in production, with `tsx` in place of the bundle. */
export interface SpawnedNode {
  readonly port: number;
  readonly internalPort: number;
  readonly log: readonly Record<string, unknown>[];
  /** The signal or exit code with which it ended. */
  ended(): Promise<NodeJS.Signals | number>;
  kill(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  readonly namespace: string;
  readonly mongodbUrl: string;
  readonly crashAt?: string;
}

const WORKSPACE = fileURLToPath(new URL("../..", import.meta.url));
const START_DEADLINE_MS = 30_000;

export async function spawnNode({ namespace, mongodbUrl, crashAt }: SpawnOptions): Promise<SpawnedNode> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts"], {
    cwd: WORKSPACE,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      NODE_ENV: "test",
      NAMESPACE: namespace,
      PUBLIC_URL: ORIGIN,
      REALTIME_PORT: "0",
      REALTIME_INTERNAL_PORT: "0",
      MONGODB_URL: mongodbUrl,
      REDIS_URL: testEnv("ASH_TEST_REDIS_URL"),
      RABBITMQ_URL: testEnv("ASH_TEST_RABBITMQ_URL"),
      QUERY_RECORD_FOR_TEST: optionalTestEnv("ASH_TEST_QUERY_RECORD") ?? "",
      ...(crashAt === undefined ? {} : { CRASH_AT: crashAt }),
    },
  });
  const log = readLog(child);
  const ended = once(child, "exit").then(([code, signal]: (number | NodeJS.Signals | null)[]) => signal ?? code ?? 0);
  const find = (text: string, field: string) =>
    waitFor(() => numberOf(log.find((line) => line["msg"] === text)?.[field]), {
      deadlineMs: START_DEADLINE_MS,
      what: `"${text}" in the log of the process`,
    });
  return {
    port: await find("listening", "port"),
    internalPort: await find("started", "internalPort"),
    log,
    ended: () => ended,
    kill: (signal) => void child.kill(signal),
  };
}

/** Deletes the queues that processes of this namespace declared. */
export async function deleteQueues(namespace: string): Promise<void> {
  const bench = messagingBench();
  await bench.raw((channel) => deleteTopology(channel, topologyOf(namespace)));
  await bench.close();
}

function readLog(child: ChildProcess): Record<string, unknown>[] {
  const log: Record<string, unknown>[] = [];
  if (child.stdout === null) throw new Error("the process has no output");
  createInterface({ input: child.stdout }).on("line", (line) => log.push(JSON.parse(line)));
  return log;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
