import { execFile, fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { waitUntilAnswers } from "./wait-until-answers";

/** The floor: a page of the same Next.js with nothing on it, and a procedure that does nothing. */
export interface BareNext {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const installed = createRequire(import.meta.url);
const NEXT = installed.resolve("next/dist/bin/next");
const FOLDER = fileURLToPath(new URL("../../peers/bare-next", import.meta.url));
const BUILD_MS = 600_000;

/** Builds it where this version of Next.js has not built it yet. */
export async function startBareNext(port: number): Promise<BareNext> {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" } as const;
  if (!isBuilt()) {
    await promisify(execFile)(process.execPath, [NEXT, "build", FOLDER], { env, timeout: BUILD_MS });
  }
  const child = fork(NEXT, ["start", FOLDER, "-p", String(port), "-H", "127.0.0.1"], {
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilAnswers(url);
  return {
    url,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((stopped) => {
        child.once("exit", () => stopped());
        child.kill("SIGKILL");
      }),
  };
}

/** next.config.ts names the build for the version that makes it. */
function isBuilt(): boolean {
  const { version } = z.object({ version: z.string() }).parse(installed("next/package.json"));
  const file = `${FOLDER}/.next/BUILD_ID`;
  return existsSync(file) && readFileSync(file, "utf8") === version;
}
