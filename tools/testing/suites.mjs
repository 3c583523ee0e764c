/** Which suites there are and how each is run. Reports go to .test-results/. */
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { findProgram, installPackages } from "../services/packages.mjs";
import { run } from "../services/run.mjs";
import { ROOT, installed } from "../stack/definitions.mjs";
import { crashed, readPlaywright, readReport, readVitest } from "./totals.mjs";

export const RESULTS = join(ROOT, ".test-results");
const SUITE_MS = 900_000;
const NOT_SOURCES = new Set(["node_modules", "dist", ".next", ".turbo"]);
const BROWSERS = ["chromium", "google-chrome", "chromium-browser", "google-chrome-stable"];

/**
 * The folders that have tests of a kind (`unit` or `int`), the tools first, and of those the ones that `filter` means:
 * the name of one, or a part of the path of some of its tests.
 */
export function workspacesWith(kind, filter) {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const paths = workspaces.flatMap((pattern) => {
    const parent = pattern.replace(/\/\*$/, "");
    return parent === pattern ? [pattern] : readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
  });
  const all = ["tools", ...paths].map((path) => ({ name: basename(path), path, folder: join(ROOT, path) }));
  const withTests = all.filter((one) => testFiles(one.folder, kind).length > 0);
  const named = withTests.filter(({ name }) => name === filter);
  if (!filter || named.length > 0) return filter ? named : withTests;
  return withTests
    .filter(({ folder }) => testFiles(folder, kind).some((file) => relative(ROOT, file).includes(filter)))
    .map((one) => ({ ...one, filter }));
}

function testFiles(folder, kind) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : testFiles(path, kind);
    const isInt = /\.int\.test\.(tsx?|mjs)$/.test(entry.name);
    const isTest = /\.test\.(tsx?|mjs)$/.test(entry.name);
    return isTest && isInt === (kind === "int") ? [path] : [];
  });
}

/** Runs one workspace's tests of a kind and returns its result; `more` goes to vitest as it is. */
export async function runVitest({ workspace, kind, env, timeoutMs = SUITE_MS, more = [] }) {
  const name = `${kind} ${workspace.name}`;
  const file = join(RESULTS, `${kind}-${workspace.name}.json`);
  mkdirSync(RESULTS, { recursive: true });
  rmSync(file, { force: true });
  const args = [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", "--project", kind];
  args.push(
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...(workspace.filter ? [workspace.filter] : []),
    ...more,
  );
  const { status } = await run(process.execPath, args, { cwd: workspace.folder, env, timeoutMs });
  if (status === "timeout") return crashed(name, `not finished after ${timeoutMs / 60_000} minutes`);
  return readVitest({ name, file, status });
}

/** Runs Playwright against a running stack. */
export async function runPlaywright({ env, filter }) {
  const file = join(RESULTS, "e2e.json");
  rmSync(file, { force: true });
  const args = [
    installed("e2e", "@playwright/test/cli.js"),
    "test",
    "--reporter=list,json",
    ...(filter ? [filter] : []),
  ];
  const options = { cwd: join(ROOT, "e2e"), env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file }, timeoutMs: SUITE_MS };
  const { status } = await run(process.execPath, args, options);
  if (status === "timeout") return crashed("e2e", `not finished after ${SUITE_MS / 60_000} minutes`);
  return readPlaywright({ name: "e2e", file, status });
}

/** The short run of tools/faults.mjs, on servers and processes of its own; what is built already is not built again. */
export async function runFaults({ env, build }) {
  const name = "faults";
  const file = join(RESULTS, "faults.json");
  rmSync(file, { force: true });
  const args = [join(ROOT, "tools", "faults.mjs"), "--report", file, ...(build ? [] : ["--no-build"])];
  const { status } = await run(process.execPath, args, { cwd: ROOT, env, timeoutMs: SUITE_MS });
  if (status === "timeout") return crashed(name, `not finished after ${SUITE_MS / 60_000} minutes`);
  return readReport({ name, file, status });
}

/** The browser for the e2e tests; Debian's package where there is none. */
export function browserPath({ log }) {
  const found = () => BROWSERS.map(findProgram).find(Boolean);
  if (!found()) installPackages(["chromium"], { log });
  return found();
}
