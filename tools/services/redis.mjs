import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./packages.mjs";
import { accepts, startDetached, stopProcess, waitReady } from "./process.mjs";

const READY_MS = 10_000;

/** Redis with a password and an append-only file that is synced before every answer. */
export const redis = {
  name: "redis",
  ports: ["redis"],

  missing: () => (findProgram("redis-server") ? [] : ["redis-server"]),

  async start({ dir, ports, secrets, logFile }) {
    const data = join(dir, "redis");
    mkdirSync(data, { recursive: true });
    const listen = ["--port", String(ports.redis), "--bind", "127.0.0.1", "--requirepass", secrets.redis];
    const durable = [
      "--dir",
      data,
      "--daemonize",
      "no",
      "--save",
      "",
      "--appendonly",
      "yes",
      "--appendfsync",
      "always",
    ];
    const args = [...listen, ...durable, "--maxmemory", "128mb", "--maxmemory-policy", "noeviction"];
    const record = await startDetached({ command: findProgram("redis-server"), args, logFile });
    await waitReady({ name: "Redis", record, ready: () => accepts(ports.redis), logFile, deadlineMs: READY_MS });
    return { main: record };
  },

  stop: ({ records }) => stopProcess(records.main),

  env: ({ ports, secrets }) => ({ REDIS_URL: `redis://:${secrets.redis}@127.0.0.1:${ports.redis}` }),
};
