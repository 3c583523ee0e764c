import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const TIMEOUT_MS = 240_000;
const folder = fileURLToPath(new URL("..", import.meta.url));

async function smoke(row: string): Promise<string> {
  const command = ["--import", "tsx", "src/main.ts", row, "--smoke"];
  return (await promisify(execFile)(process.execPath, command, { cwd: folder, timeout: TIMEOUT_MS })).stdout;
}

it.each(["fanout", "durable", "latency", "idle", "storm", "slow", "scale"])(
  "the row %s runs beside its peers and loses or repeats nothing",
  async (row) => {
    const stdout = await smoke(row);
    expect(stdout).toMatch(/beside socket-io[\w-]*: -?[\d.]+ /u);
    expect(stdout).toMatch(/lost or repeated 0/u);
    expect(stdout).not.toMatch(/lost or repeated [1-9]/u);
  },
  TIMEOUT_MS,
);

it(
  "the row send runs beside a procedure that does nothing, and what was acknowledged is there once",
  async () => {
    const stdout = await smoke("send");
    expect(stdout).toMatch(/trpc beside noop: [\d.]+ /u);
    expect(stdout).toMatch(/socket beside trpc: [\d.]+ /u);
    expect(stdout).toMatch(/lost or repeated 0$/mu);
  },
  TIMEOUT_MS,
);

it(
  "the row translate runs beside its peers, and two processes ask the engine for nothing twice",
  async () => {
    const stdout = await smoke("translate");
    expect(stdout).toMatch(/translator beside mget: [\d.]+ /u);
    expect(stdout).toMatch(/ours beside a call a recipient: 0\.\d+ /u);
    expect(stdout).toMatch(/pairs \d+, asked more than once 0$/mu);
    expect(stdout).toMatch(/ours beside prefetch-1: [\d.]+ /u);
  },
  TIMEOUT_MS,
);

it(
  "the row history reads every page whole and gives no figures for a smoke run",
  async () => {
    expect(await smoke("history")).toMatch(/history, a page of 50 on .*\n {2}not measured/u);
  },
  TIMEOUT_MS,
);

it(
  "the row web loads every page of the product beside a bare one",
  async () => {
    const stdout = await smoke("web");
    for (const page of ["bare page", "sign-in", "room list", "conversation"]) {
      expect(stdout).toMatch(new RegExp(`  ${page}: \\d{2,3}\\.\\d \\(.* KB of scripts`, "u"));
    }
  },
  TIMEOUT_MS,
);
