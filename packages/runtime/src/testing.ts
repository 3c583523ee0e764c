import { randomBytes } from "node:crypto";

/** The address of a test server; a missing one fails the test with a sentence that says what to do. */
export function testEnv(name: `ASH_TEST_${string}`): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  throw new Error(`${name} is not set: run integration tests with "npm run test:int", which starts the servers`);
}

/** The same, for what only some test runs have. */
export function optionalTestEnv(name: `ASH_TEST_${string}`): string | null {
  const value = process.env[name];
  return value === undefined || value === "" ? null : value;
}

/** A namespace (or database name) that no other test run has. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString("hex")}`;
}

export interface WaitOptions {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
  readonly what?: string;
}

const DEADLINE_MS = 10_000;
const EVERY_MS = 10;

/**
 * Resolves with the first answer that is neither false, null nor undefined. A condition that throws counts as not met;
 * its last error becomes the cause when the deadline passes.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  { deadlineMs = DEADLINE_MS, everyMs = EVERY_MS, what = "the condition" }: WaitOptions = {},
): Promise<NonNullable<Value>> {
  const until = Date.now() + deadlineMs;
  let lastError: unknown;
  while (Date.now() < until) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) return value;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
  throw new Error(`waited ${deadlineMs} ms in vain for ${what}`, { cause: lastError });
}
