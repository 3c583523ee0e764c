import { optionalTestEnv } from "@ashchat/runtime/testing";

/** How much of the programme runs: `full` is `npm run test:faults -- --profile registration`, the other is in `npm test`. */
export const IS_FULL = optionalTestEnv("ASH_TEST_REGISTRATION_PROFILE") === "full";

export const SCALE = IS_FULL
  ? { crashes: 20, duplicated: 50, guesses: 10_000, guessAddresses: 500, pairs: 200 }
  : { crashes: 2, duplicated: 3, guesses: 300, guessAddresses: 60, pairs: 10 };

/** Milliseconds for one test of the programme. */
export const TEST_MS = IS_FULL ? 1_800_000 : 180_000;
