import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const TIMEOUT_MS = 240_000;
const folder = fileURLToPath(new URL("..", import.meta.url));

it.each(["fanout", "durable", "latency", "idle", "storm", "slow", "scale"])(
  "the row %s runs beside its peers and loses or repeats nothing",
  async (row) => {
    const command = ["--import", "tsx", "src/main.ts", row, "--smoke"];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder, timeout: TIMEOUT_MS });
    expect(stdout).toMatch(/beside socket-io[\w-]*: -?[\d.]+ /u);
    expect(stdout).toMatch(/lost or repeated 0/u);
    expect(stdout).not.toMatch(/lost or repeated [1-9]/u);
  },
  TIMEOUT_MS,
);
