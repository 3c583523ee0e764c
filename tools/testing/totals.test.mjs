import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closingLine, readPlaywright, readReport, readVitest } from "./totals.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ashchat-totals-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(content) {
  const file = join(folder, "report.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const vitest = (tests, suite = {}) =>
  report({ testResults: [{ name: "a.test.ts", status: "passed", assertionResults: tests, ...suite }] });
const passing = { fullName: "a", status: "passed" };

test("passed and failed tests are counted, and the closing line adds up the suites", () => {
  const file = vitest([passing, { fullName: "b", status: "failed", failureMessages: ["boom"] }]);
  const result = readVitest({ name: "unit db", file, status: 1 });
  expect(result).toEqual({ name: "unit db", passed: 1, failures: [{ title: "unit db › b", message: "boom" }] });
  expect(closingLine([result, { passed: 2, failures: [] }])).toBe("3 passed, 1 failed");
});

test.each([
  ["no report was written", () => join(folder, "absent.json"), 1],
  ["no test ran", () => vitest([]), 0],
  ["a test was skipped", () => vitest([passing, { fullName: "b", status: "skipped" }]), 0],
  ["a file failed outside its tests", () => vitest([passing], { status: "failed", message: "cannot import" }), 1],
  ["the runner failed although all tests passed", () => vitest([passing]), 1],
])("a vitest suite counts as failed when %s", (_, file, status) => {
  expect(readVitest({ name: "unit", file: file(), status }).failures).toHaveLength(1);
});

const playwright = (status, errors = []) =>
  report({
    errors,
    suites: [
      {
        title: "a.spec.ts",
        specs: [],
        suites: [{ title: "s", specs: [{ title: "t", tests: [{ status, results: [] }] }] }],
      },
    ],
  });

test("an expected Playwright result passes", () => {
  expect(readPlaywright({ name: "e2e", file: playwright("expected"), status: 0 })).toMatchObject({
    passed: 1,
    failures: [],
  });
});

test.each(["unexpected", "flaky", "skipped"])("a Playwright test that is %s counts as failed", (status) => {
  const { failures } = readPlaywright({ name: "e2e", file: playwright(status), status: 1 });
  expect(failures.map(({ title }) => title)).toEqual(["e2e › a.spec.ts › s › t"]);
});

test("an error outside the Playwright tests counts as failed", () => {
  expect(
    readPlaywright({ name: "e2e", file: playwright("expected", [{ message: "no browser" }]), status: 1 }).failures,
  ).toHaveLength(1);
});

test("a command's own report is taken as it is", () => {
  const failures = [{ title: "faults › seed 7 › 1", message: "lost" }];
  expect(readReport({ name: "faults", file: report({ passed: 10, failures }), status: 1 })).toEqual({
    name: "faults",
    passed: 10,
    failures,
  });
});

test.each([
  ["no report was written", () => join(folder, "absent.json"), 1],
  ["nothing was judged", () => report({ passed: 0, failures: [] }), 0],
  ["the command failed although it reports no failure", () => report({ passed: 11, failures: [] }), 1],
])("a command counts as failed when %s", (_, file, status) => {
  expect(readReport({ name: "faults", file: file(), status }).failures).toHaveLength(1);
});
