import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { run } from "./run.mjs";
import { SetupError } from "./process.mjs";

const ROOT = join(import.meta.dirname, "..", "..");
const VERSION = "8.0.17";
const DOWNLOADS = "https://fastdl.mongodb.org/";
const PROBE_MS = 2000;
const FETCH_MS = 10_000;
const PRIMARY_MS = 20_000;
const ALREADY_INITIALIZED = 23;

/** The path of a pinned mongod, fetched once into .data/; undefined where its address cannot be reached within 10 s. */
export async function fetchMongod({ log }) {
  if (!existsSync(join(ROOT, "node_modules", "mongodb-memory-server-core"))) return undefined;
  const folder = join(ROOT, ".data", "mongod");
  if (!existsSync(folder) && !(await reachable())) return undefined;
  log(`looking for MongoDB ${VERSION} …`);
  const script = join(import.meta.dirname, "fetch-mongod.mjs");
  const logFile = join(ROOT, ".data", "logs", "fetch-mongod.log");
  const { status, stdout } = await run(process.execPath, [script, VERSION, folder], { logFile, timeoutMs: FETCH_MS });
  const path = stdout.trim();
  if (status === 0 && existsSync(path)) return path;
  log(`MongoDB ${VERSION} could not be fetched within ${FETCH_MS / 1000} s.`);
  return undefined;
}

/** The download itself would wait for minutes on a network that drops packets. */
async function reachable() {
  try {
    await fetch(DOWNLOADS, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    return false; // no network, or one that does not let us there
  }
}

/** Makes the one-node replica set (idempotent) and waits until it has its primary. */
export async function initiateReplicaSet(port) {
  const { MongoClient } = driver();
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  try {
    const admin = client.db("admin");
    const config = { _id: "ashchat", members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
    await admin.command({ replSetInitiate: config }).catch((cause) => {
      if (cause.code !== ALREADY_INITIALIZED) throw cause;
    });
    const end = Date.now() + PRIMARY_MS;
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) {
      if (Date.now() > end) throw new SetupError("MongoDB's replica set did not elect its only node as primary.");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await client.close();
  }
}

/** The driver that mongodb-memory-server-core brings: none is installed at the root. */
function driver() {
  const { resolve } = createRequire(join(ROOT, "package.json"));
  return createRequire(resolve("mongodb-memory-server-core"))("mongodb");
}
