/** Where the runner started the product; every address is required, so that a missing one fails instead of skipping. */
export interface Stack {
  baseUrl: string;
  inboxUrl: string;
  realtimeUrls: readonly [string, string];
}

export function stackFromEnv(): Stack {
  return {
    baseUrl: required("ASH_TEST_BASE_URL"),
    inboxUrl: required("ASH_TEST_INBOX_URL"),
    realtimeUrls: [required("ASH_TEST_REALTIME_URL"), required("ASH_TEST_REALTIME_URL_2")],
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is not set: run the end-to-end tests with "npm run e2e"`);
  return value;
}
