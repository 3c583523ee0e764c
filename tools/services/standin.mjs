import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./packages.mjs";
import { SetupError } from "./process.mjs";

const FOLDER = join(import.meta.dirname, "..", "mongo-standin");
const LIB = join(FOLDER, "lib");
const JARS_TIMEOUT_MS = 180_000;

/** What the console calls it. */
export const STAND_IN_NAME = "MongoDB stand-in (mongo-java-server 1.47.0)";

/** The Debian packages that it needs and that are not here. */
export function missingForStandIn() {
  return [
    findProgram("java") ? [] : ["default-jdk-headless"],
    haveJars() || findProgram("mvn") ? [] : ["maven"],
  ].flat();
}

function haveJars() {
  return existsSync(LIB) && readdirSync(LIB).some((file) => file.startsWith("mongo-java-server-h2"));
}

/** Fetches the jars, once. */
export async function fetchJars({ log }) {
  if (haveJars()) return;
  log("fetching the jars of the MongoDB stand-in …");
  const pom = join(FOLDER, "pom.xml");
  const args = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${LIB}`];
  const done = spawnSync("mvn", args, { encoding: "utf8", timeout: JARS_TIMEOUT_MS });
  if (done.status !== 0)
    throw new SetupError(`The MongoDB stand-in's jars could not be fetched:\n${done.stdout}${done.stderr}`);
}

/** How to run it; `data` is a folder, made before. */
export function standInCommand({ data, port }) {
  const source = join(FOLDER, "MongoStandIn.java");
  const args = ["-Xmx512m", "-cp", join(LIB, "*"), source, join(data, "store.mv"), String(port)];
  return { command: findProgram("java"), args };
}
