import { optionalTestEnv } from "@ashchat/runtime/testing";

/** Full: `npm run test:security`. Short: the same attacks within the seconds that `npm test` has for them. */
const isFullProfile = optionalTestEnv("ASH_TEST_SECURITY_PROFILE") === "full";

/** How many cases this run makes. */
export function cases({ short, full }: { short: number; full: number }): number {
  return isFullProfile ? full : short;
}
