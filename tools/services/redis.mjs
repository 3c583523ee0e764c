import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./packages.mjs";
import { accepts, startDetached, stopProcess, waitReady } from "./process.mjs";

const READY_MS = 10_000;
const USER = "ashchat";
/** The processes' own user: may neither configure the server nor empty it, nor listen to what others say. */
const RIGHTS = ["~*", "&*", "+@all", "-@admin", "-@dangerous", "+info"];

/** The variable with `user:password` of the processes' user; REDIS_URL itself is the owner's. */
export const REDIS_LOGIN = "REDIS_LOGIN";

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
    const user = ["--user", USER, "on", `>${passwordOf(secrets)}`, ...RIGHTS];
    const args = [...listen, ...durable, ...user, "--maxmemory", "128mb", "--maxmemory-policy", "noeviction"];
    const record = await startDetached({ command: findProgram("redis-server"), args, logFile });
    await waitReady({ name: "Redis", record, ready: () => accepts(ports.redis), logFile, deadlineMs: READY_MS });
    return { main: record };
  },

  stop: ({ records }) => stopProcess(records.main),

  env: ({ ports, secrets }) => ({
    REDIS_URL: `redis://:${secrets.redis}@127.0.0.1:${ports.redis}`,
    [REDIS_LOGIN]: `${USER}:${passwordOf(secrets)}`,
  }),
};

/** Out of the one secret that the folder keeps. */
function passwordOf(secrets) {
  return createHmac("sha256", secrets.redis).update(USER).digest("hex");
}
