import { defineConfig, devices } from "@playwright/test";
import { stackFromEnv } from "./stack";

/** Sign-up, two e-mails and a first translation on two busy cores. */
const TEST_TIMEOUT_MS = 120_000;
const EXPECT_TIMEOUT_MS = 15_000;

export default defineConfig({
  // The pictures are made on demand; they prove nothing.
  testDir: process.env["ASHCHAT_SCREENSHOTS"] === undefined ? "specs" : "screenshots",
  outputDir: "test-results",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: EXPECT_TIMEOUT_MS },
  reporter: [["list"], ["json", { outputFile: ".test-results/e2e.json" }]],
  use: {
    ...devices["Desktop Chrome"],
    baseURL: stackFromEnv().baseUrl,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
