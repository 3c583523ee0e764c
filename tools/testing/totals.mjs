/** Adds up what the reports of vitest and Playwright say. A suite that ran nothing, skipped or crashed is a failure. */
import { existsSync, readFileSync } from "node:fs";

/** `{ passed, failures[] }` of a vitest JSON report; `status` is the runner's exit status. */
export function readVitest({ name, file, status }) {
  if (!existsSync(file)) return crashed(name, `no report was written (exit ${status})`);
  const report = JSON.parse(readFileSync(file, "utf8"));
  const failures = [];
  let passed = 0;
  for (const suite of report.testResults) {
    if (suite.status === "failed" && suite.assertionResults.every((test) => test.status === "passed")) {
      failures.push({
        title: `${name} › ${suite.name}`,
        message: suite.message || "the file failed outside its tests",
      });
    }
    for (const test of suite.assertionResults) {
      if (test.status === "passed") passed += 1;
      else
        failures.push({
          title: `${name} › ${test.fullName}`,
          message: test.failureMessages?.[0] ?? `the test was ${test.status}`,
        });
    }
  }
  return concluded({ name, status, passed, failures });
}

/** The same of a Playwright JSON report. Retries are 0, so a flaky test cannot occur; it would count as failed. */
export function readPlaywright({ name, file, status }) {
  if (!existsSync(file)) return crashed(name, `no report was written (exit ${status})`);
  const report = JSON.parse(readFileSync(file, "utf8"));
  const failures = report.errors.map((error) => ({ title: name, message: error.message ?? "error outside a test" }));
  let passed = 0;
  for (const { title, test } of report.suites.flatMap((suite) => testsOf(suite, []))) {
    if (test.status === "expected") passed += 1;
    else failures.push({ title: `${name} › ${title}`, message: firstError(test) ?? `the test was ${test.status}` });
  }
  return concluded({ name, status, passed, failures });
}

/** The same of a command of ours that writes `{ passed, failures }` itself. */
export function readReport({ name, file, status }) {
  if (!existsSync(file)) return crashed(name, `no report was written (exit ${status})`);
  const { passed, failures } = JSON.parse(readFileSync(file, "utf8"));
  return concluded({ name, status, passed, failures });
}

function testsOf(suite, path) {
  const here = [...path, suite.title];
  const own = suite.specs.flatMap((spec) =>
    spec.tests.map((test) => ({ title: [...here, spec.title].join(" › "), test })),
  );
  return [...own, ...(suite.suites ?? []).flatMap((inner) => testsOf(inner, here))];
}

function firstError(test) {
  return test.results.flatMap((result) => result.errors ?? []).map((error) => error.message)[0];
}

function concluded({ name, status, passed, failures }) {
  if (failures.length === 0 && status !== 0) failures.push({ title: name, message: `the runner ended with ${status}` });
  if (failures.length === 0 && passed === 0) failures.push({ title: name, message: "no test ran" });
  return { name, passed, failures };
}

/** A suite that could not even report. */
export function crashed(name, message) {
  return { name, passed: 0, failures: [{ title: name, message }] };
}

/** The closing line. */
export function closingLine(results) {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failures.length, 0);
  return `${passed} passed, ${failed} failed`;
}
