import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./packages.mjs";
import { answers, startDetached, stopProcess, waitReady } from "./process.mjs";

const READY_MS = 30_000;
const PACKAGES = ["apertium-apy", "apertium-en-es", "apertium-es-pt", "apertium-fr-es", "apertium-es-ca"];
const MODES = ["/usr/share/apertium", "/usr/local/share/apertium", "/opt/homebrew/share/apertium"];
const LAUNCHER = join(import.meta.dirname, "..", "apertium", "serve.py");

/** Apertium's HTTP server with one pipeline per language pair, on the loopback address. */
export const apertium = {
  name: "apertium",
  ports: ["apertium"],

  missing: () => (findProgram("apertium-apy") && modesFolder() ? [] : PACKAGES),

  async start({ ports, logFile }) {
    const args = [LAUNCHER, "-p", String(ports.apertium), "-j", "1", modesFolder()];
    const record = await startDetached({ command: python(), args, logFile });
    const ready = () => answers(`http://127.0.0.1:${ports.apertium}/listPairs`);
    await waitReady({ name: "Apertium", record, ready, logFile, deadlineMs: READY_MS });
    return { main: record };
  },

  /** Its pipelines are children in the same group. */
  stop: ({ records }) => stopProcess(records.main, { group: true }),
  group: true,

  env: ({ ports }) => ({ APERTIUM_URL: `http://127.0.0.1:${ports.apertium}` }),
};

/** Where the language pairs lie. */
function modesFolder() {
  return MODES.find((folder) => existsSync(folder));
}

/** Debian's own Python is the one that sees Debian's packages. */
function python() {
  return existsSync("/usr/bin/python3") ? "/usr/bin/python3" : findProgram("python3");
}
