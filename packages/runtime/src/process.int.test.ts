import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { waitFor } from "./testing";

const SAMPLE = fileURLToPath(new URL("./testing/sample-process.ts", import.meta.url));
const TSX = fileURLToPath(import.meta.resolve("tsx"));
const SECRET = "canary-".repeat(6);

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

function start(variables: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", TSX, SAMPLE], {
    env: { PATH: process.env["PATH"], SAMPLE_SECRET: SECRET, SAMPLE_INTERNAL_PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const exited = new Promise<number | null>((resolve) => {
    child.on("close", (code) => resolve(code));
  });
  return { child, exited, output: () => output, isStarted: () => output.includes('"msg":"started"') };
}

describe("a process", () => {
  it("prints every problem of its environment at once, without values, and does not start", async () => {
    const sample = start({ SAMPLE_SECRET: "canary", SAMPLE_INTERNAL_PORT: "many" });
    expect(await sample.exited).toBe(1);
    expect(sample.output()).toContain("SAMPLE_SECRET:");
    expect(sample.output()).toContain("SAMPLE_INTERNAL_PORT:");
    expect(sample.output()).not.toContain("canary");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends in order on %s and says so by its exit code", async (signal) => {
    const sample = start();
    await waitFor(sample.isStarted);
    sample.child.kill(signal);
    expect(await sample.exited).toBe(0);
    expect(sample.output().indexOf("closed sample")).toBeGreaterThan(0);
    expect(sample.output().indexOf("closed database")).toBeGreaterThan(sample.output().indexOf("closed sample"));
    expect(sample.output()).not.toContain("canary");
  });

  it("that cannot close ends with a failure at its deadline", async () => {
    const sample = start({ SAMPLE_MODE: "stuck", SHUTDOWN_TIMEOUT_MS: "200" });
    await waitFor(sample.isStarted);
    sample.child.kill("SIGTERM");
    expect(await sample.exited).toBe(1);
    expect(sample.output()).toMatch(/"stillOpen":\[[^\]]*"sample"/);
  });

  it("ends at once on a second signal", async () => {
    const sample = start({ SAMPLE_MODE: "stuck", SHUTDOWN_TIMEOUT_MS: "60000" });
    await waitFor(sample.isStarted);
    sample.child.kill("SIGTERM");
    await waitFor(() => sample.output().includes('"msg":"ending"'));
    sample.child.kill("SIGTERM");
    expect(await sample.exited).toBe(1);
  });

  it.each([
    ["rejection", "nobody waits for me"],
    ["exception", "nobody catches me"],
    ["no-start", "cannot start"],
  ])("logs an unhandled %s as fatal and ends with a failure", async (mode, message) => {
    const sample = start({ SAMPLE_MODE: mode });
    expect(await sample.exited).toBe(1);
    expect(sample.output()).toContain('"level":"fatal"');
    expect(sample.output()).toContain(message);
  });

  it.each([
    ["good", 200],
    ["down", 503],
  ])("answers readiness when it is %s", async (mode, status) => {
    const sample = start({ SAMPLE_MODE: mode });
    await waitFor(sample.isStarted);
    const port = /"internalPort":(\d+)/.exec(sample.output())?.[1];
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ dependencies: { database: { detail: "SampleDB 1.0" } } });
  });
});
