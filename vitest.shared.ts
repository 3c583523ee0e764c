import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Milliseconds. Integration tests start real processes and restart real servers. */
const INT_TIMEOUT_MS = 60_000;
/** Milliseconds. A property test takes one second alone and several on a machine that builds meanwhile. */
const UNIT_TIMEOUT_MS = 30_000;

/**
 * One vitest configuration for every workspace: project `unit` (x.test.ts: pure, milliseconds) and
 * project `int` (x.int.test.ts: real servers whose addresses the test runner hands over in ASH_TEST_*).
 */
export function sharedVitestConfig(
  overrides: ViteUserConfig["test"] = {},
  intOverrides: ViteUserConfig["test"] = {},
): ViteUserConfig {
  const common = {
    retry: 0,
    allowOnly: false,
    passWithNoTests: true,
    dangerouslyIgnoreUnhandledErrors: false,
    ...overrides,
  };
  return defineConfig({
    test: {
      maxWorkers: 2,
      projects: [
        {
          test: {
            ...common,
            name: "unit",
            testTimeout: UNIT_TIMEOUT_MS,
            include: ["src/**/*.test.{ts,tsx}"],
            exclude: ["**/*.int.test.ts", "**/node_modules/**"],
          },
        },
        {
          test: {
            ...common,
            name: "int",
            include: ["src/**/*.int.test.ts"],
            testTimeout: INT_TIMEOUT_MS,
            hookTimeout: INT_TIMEOUT_MS,
            ...intOverrides,
          },
        },
      ],
    },
  });
}
