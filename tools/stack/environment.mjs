import { newSecret } from "../setup/environment.mjs";

/** What the processes of a test's stack read: addresses of private services, secrets of their own, this origin. `addresses` may name another REALTIME_PUBLIC_URL. */
export function stackEnvironment(addresses, { ports, namespace }) {
  const origin = `http://localhost:${ports.web}`;
  return {
    REALTIME_PUBLIC_URL: `ws://localhost:${ports.realtime[0]}`,
    ...addresses,
    NODE_ENV: "test",
    LOG_LEVEL: "info",
    NAMESPACE: namespace,
    PUBLIC_URL: origin,
    ALLOWED_ORIGINS: origin,
    MAIL_FROM: "AshChat <no-reply@localhost>",
    NEXTAUTH_SECRET: newSecret(),
    CODE_SECRET: newSecret(),
    TRANSLATION_CACHE_SECRET: newSecret(),
  };
}
