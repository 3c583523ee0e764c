import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { askProbe, probeEnvironment, type ProbeReport } from "./ask-probe";

/** A careless merge: what JSON names as `__proto__` or `constructor.prototype` ends up on the built-in objects. */
const MERGE = `
  const merge = (target, source) => {
    for (const [key, value] of Object.entries(source)) {
      if (typeof value === "object" && value !== null) merge(target[key] ??= {}, value);
      else target[key] = value;
    }
  };`;
const LIVES_ON = `setInterval(() => undefined, 1_000); console.log("ready");`;

/** Runs a program with the probe in it and asks, once it has said that it is ready. */
async function reportOf(program: string): Promise<ProbeReport> {
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  const child = spawn(process.execPath, ["--input-type=module", "-e", `${MERGE}${program}`], {
    env: { ...process.env, ...probeEnvironment(folder) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  await once(child.stdout, "data");
  return askProbe(folder, child.pid ?? 0);
}

it("a process that nobody has polluted is clean", async () => {
  expect(await reportOf(LIVES_ON)).toMatchObject({ changes: [], everSeen: [] });
});

it.each([
  ["__proto__", '{"__proto__":{"isAdmin":true}}', "Object.prototype.isAdmin was added"],
  ["constructor.prototype", '{"constructor":{"prototype":{"isAdmin":true}}}', "Object.prototype.isAdmin was added"],
  ["a method's name", '{"__proto__":{"toString":"x"}}', "Object.prototype.toString was replaced"],
  ["the constructor itself", '{"constructor":{"isAdmin":true}}', "Object.isAdmin was added"],
  ["a list", '{"list":{"__proto__":{"isAdmin":true}}}', "Array.prototype.isAdmin was added"],
  ["a text's constructor", '{"name":{"constructor":{"prototype":{"x":1}}}}', "String.prototype.x was added"],
])("what is planted through %s is noticed", async (_name, json, change) => {
  const report = await reportOf(`merge({ list: [], name: "" }, JSON.parse(${JSON.stringify(json)})); ${LIVES_ON}`);
  expect(report.changes).toEqual([change]);
});

it("what was on Object.prototype for a moment is noticed as well", async () => {
  const cleanUp = `setTimeout(() => { delete Object.prototype.isAdmin; ${LIVES_ON} }, 200);`;
  const report = await reportOf(`merge({}, JSON.parse('{"__proto__":{"isAdmin":true}}')); ${cleanUp}`);
  expect(report).toMatchObject({ changes: [], everSeen: ["Object.prototype.isAdmin was added"] });
});

it("memory that is held counts as alive, garbage does not", async () => {
  const [clean, held, garbage] = [
    await reportOf(LIVES_ON),
    await reportOf(`globalThis.held = Array.from({ length: 2_000_000 }, (_, index) => ({ index })); ${LIVES_ON}`),
    await reportOf(`Array.from({ length: 2_000_000 }, (_, index) => ({ index })); ${LIVES_ON}`),
  ];
  expect(held.aliveMib).toBeGreaterThan(clean.aliveMib + 40);
  expect(garbage.aliveMib).toBeLessThan(clean.aliveMib + 10);
});

it("a process without the probe is not mistaken for a clean one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await expect(askProbe(folder, process.pid)).rejects.toThrow("ENOENT");
});
