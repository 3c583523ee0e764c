/** What tests find in their environment. */

/** The addresses of the servers that were started for them. */
export function addressVariables(addresses) {
  return {
    ASH_TEST_MONGODB_URL: addresses.MONGODB_URL,
    ASH_TEST_REDIS_URL: addresses.REDIS_URL,
    ASH_TEST_RABBITMQ_URL: addresses.RABBITMQ_URL,
    ASH_TEST_APERTIUM_URL: addresses.APERTIUM_URL,
    ASH_TEST_SMTP_URL: addresses.SMTP_URL,
    ASH_TEST_INBOX_URL: addresses.MAIL_INBOX_URL,
    ASH_TEST_SERVICES_DIR: addresses.servicesDir,
  };
}

/** What the tests see: nothing of a developer's .env, and no service addresses but the private ones. */
export function testEnvironment(own) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MONGODB|REDIS|RABBITMQ|SMTP|APERTIUM)_URL$|^ASH_TEST_/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: "test",
    NEXT_TELEMETRY_DISABLED: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    ...own,
  };
}
