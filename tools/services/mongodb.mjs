/**
 * MongoDB, in this order: `mongod` on PATH; a mongod fetched by mongodb-memory-server-core where its address can be
 * reached; the Java stand-in. A data directory stays with the kind that made it. A mongod runs as a one-node replica
 * set, so that majority writes mean what they say.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fetchMongod, initiateReplicaSet } from "./mongod.mjs";
import { findProgram } from "./packages.mjs";
import { SetupError, accepts, startDetached, stopProcess, waitReady } from "./process.mjs";
import { STAND_IN_NAME, fetchJars, missingForStandIn, standInCommand } from "./standin.mjs";

/** A Java machine on busy cores compiles before it listens. */
const READY_MS = 90_000;
const STOP_GRACE_MS = 15_000;

export const mongodb = {
  name: "mongodb",
  ports: ["mongodb"],

  missing: async (context) => ((await choose(context)).kind === "stand-in" ? missingForStandIn() : []),

  async start(context) {
    const { dir, ports, facts, logFile, log } = context;
    const choice = await choose(context);
    if (choice.kind === "stand-in") await fetchJars({ log });
    facts.mongodb = choice.kind;
    facts.mongodbServer = choice.server;
    const data = join(dir, "mongodb", choice.kind);
    mkdirSync(data, { recursive: true });
    const record = await startDetached({ ...choice.command({ data, port: ports.mongodb }), logFile });
    const ready = () => accepts(ports.mongodb);
    await waitReady({ name: choice.server, record, ready, logFile, deadlineMs: READY_MS });
    if (choice.kind === "mongod") await initiateReplicaSet(ports.mongodb);
    return { main: record };
  },

  stop: ({ records }) => stopProcess(records.main, { graceMs: STOP_GRACE_MS }),

  env: ({ ports, facts }) => {
    const options = facts.mongodb === "mongod" ? "/?replicaSet=ashchat&directConnection=true" : "";
    return { MONGODB_URL: `mongodb://127.0.0.1:${ports.mongodb}${options}` };
  },
};

/** The same answer to both callers, since looking for a mongod may take seconds. */
function choose(context) {
  return (context.chosen.mongodb ??= look(context));
}

async function look({ dir, log }) {
  const standInData = existsSync(join(dir, "mongodb", "stand-in"));
  const mongod = standInData ? undefined : (findProgram("mongod") ?? (await fetchMongod({ log })));
  if (mongod) return { kind: "mongod", server: "MongoDB", command: mongodCommand(mongod) };
  if (process.env.NODE_ENV === "production") {
    throw new SetupError(
      "No MongoDB server here, and the development stand-in never serves production: set MONGODB_URL.",
    );
  }
  return { kind: "stand-in", server: STAND_IN_NAME, command: standInCommand };
}

function mongodCommand(command) {
  return ({ data, port }) => ({
    command,
    args: ["--dbpath", data, "--port", String(port), "--bind_ip", "127.0.0.1", "--replSet", "ashchat", "--quiet"],
  });
}
