import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Servers of one test alone, because it stops or kills them; the others share theirs. */
export type ServiceName = "redis" | "rabbitmq" | "mongodb";

export interface PrivateServices {
  readonly dir: string;
  port(name: string): number;
  /** Of a server by its variable, such as `RABBITMQ_URL`. */
  url(variable: string): string;
  start(name: ServiceName): Promise<void>;
  stop(name: ServiceName): Promise<void>;
  /** As a crash would. */
  kill(name: ServiceName): Promise<void>;
  /** Stops all and removes their data. */
  close(): Promise<void>;
}

const run = promisify(execFile);
const TOOL = fileURLToPath(new URL("../../../../tools/services.mjs", import.meta.url));
const TIMEOUT_MS = 60_000;
/** Below the ephemeral range, above what the shared servers take; a stack takes ten ports. */
const BASE_PORT_MIN = 26_000;
const BASE_PORTS = 500;
const PORTS_PER_STACK = 10;
const TRIES = 3;

export async function startPrivateServices(names: readonly ServiceName[]): Promise<PrivateServices> {
  const dir = await mkdtemp(join(tmpdir(), "ashchat-test-"));
  const tool = (...words: readonly string[]) => run(process.execPath, [TOOL, ...words], { timeout: TIMEOUT_MS });
  const urls = await startAnywhere(dir, names);
  const end = async () => {
    await tool("stop", "--dir", dir, ...names);
    await rm(dir, { recursive: true, force: true });
  };
  return {
    dir,
    port: (name) => {
      const { ports }: { ports: Record<string, number> } = JSON.parse(readFileSync(join(dir, "services.json"), "utf8"));
      const port = ports[name];
      if (port === undefined) throw new Error(`the services have no port for ${name}`);
      return port;
    },
    url: (variable) => {
      const value = urls.get(variable);
      if (value === undefined) throw new Error(`the services did not print ${variable}`);
      return value;
    },
    start: async (name) => void (await tool("start", "--dir", dir, name)),
    stop: async (name) => void (await tool("stop", "--dir", dir, name)),
    kill: async (name) => void (await tool("kill", "--dir", dir, name)),
    close: end,
  };
}

/** A random range may be taken by another test run. */
async function startAnywhere(dir: string, names: readonly ServiceName[]): Promise<Map<string, string>> {
  let lastError: unknown;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const basePort = BASE_PORT_MIN + randomInt(BASE_PORTS) * PORTS_PER_STACK;
    try {
      const { stdout } = await run(
        process.execPath,
        [TOOL, "start", "--dir", dir, "--base-port", String(basePort), ...names],
        { timeout: TIMEOUT_MS },
      );
      return readAddresses(stdout);
    } catch (error) {
      lastError = error;
    }
  }
  throw new Error(`could not start ${names.join(", ")}`, { cause: lastError });
}

function readAddresses(stdout: string): Map<string, string> {
  return new Map(
    stdout
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
