import { defineConfig } from "vitest/config";

/** Real servers are started, killed and started again. */
const INT_TIMEOUT_MS = 90_000;
/** The linter is run as a program, several times a test: a second each alone, several on a machine that builds meanwhile. */
const UNIT_TIMEOUT_MS = 60_000;

/** The tools' own tests, in the same two projects as everywhere. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.mjs"],
          exclude: ["**/*.int.test.mjs", "**/node_modules/**"],
          testTimeout: UNIT_TIMEOUT_MS,
        },
      },
      {
        test: {
          name: "int",
          include: ["**/*.int.test.mjs"],
          testTimeout: INT_TIMEOUT_MS,
          hookTimeout: INT_TIMEOUT_MS,
        },
      },
    ],
  },
});
