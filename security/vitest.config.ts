// @boundaries-ignore every workspace has the same two test projects
import { sharedVitestConfig } from "../vitest.shared.ts";

/** The full profile goes on for many minutes; each attack has deadlines of its own for what it waits for. */
const ATTACK_TIMEOUT_MS = 3_600_000;

/** One stack for all files, which attack it one after the other, so that each knows whom it disturbs. */
export default sharedVitestConfig(
  {},
  {
    globalSetup: ["src/house/global-setup.ts"],
    fileParallelism: false,
    testTimeout: ATTACK_TIMEOUT_MS,
    hookTimeout: ATTACK_TIMEOUT_MS,
  },
);
