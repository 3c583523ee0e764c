import * as z from "zod";
import {
  address,
  durationMs,
  flag,
  listOf,
  optionalSecret,
  optionalText,
  port,
  processEnv,
  secret,
  splitList,
} from "./env";

/**
 * What each process reads from its environment. `.env.example` documents every variable named here and no other; a test
 * compares the two.
 */
const mongodb = () => ({ MONGODB_URL: address("mongodb", "mongodb+srv"), QUERY_RECORD_FOR_TEST: optionalText() });
const redis = () => ({ REDIS_URL: address("redis", "rediss") });
const rabbitmq = () => ({ RABBITMQ_URL: address("amqp", "amqps") });
const publicUrl = () => address("http", "https").default("http://localhost:3000");
const TRANSLATION_TIMEOUT_MS = 10_000;

export const webEnvSchema = processEnv({
  PUBLIC_URL: publicUrl(),
  WEB_HOST: z.string().default("127.0.0.1"),
  WEB_PORT: port(3000),
  WEB_INTERNAL_PORT: port(3100),
  REALTIME_PUBLIC_URL: address("ws", "wss").default("ws://localhost:3001"),
  NEXTAUTH_SECRET: secret(),
  TRUST_PROXY: flag(),
  ...mongodb(),
  ...redis(),
  ...rabbitmq(),
});

export const realtimeEnvSchema = processEnv({
  PUBLIC_URL: publicUrl(),
  REALTIME_HOST: z.string().default("127.0.0.1"),
  REALTIME_PORT: port(3001),
  REALTIME_INTERNAL_PORT: port(3101),
  ALLOWED_ORIGINS: optionalText(),
  TRUST_PROXY: flag(),
  ...mongodb(),
  ...redis(),
  ...rabbitmq(),
});

/** The origins whose pages may open sockets: those listed, else the one of PUBLIC_URL. */
export function allowedOrigins(env: { ALLOWED_ORIGINS?: string | undefined; PUBLIC_URL: string }): string[] {
  return splitList(env.ALLOWED_ORIGINS ?? env.PUBLIC_URL).map((origin) => new URL(origin).origin);
}

export const emailVerificationEnvSchema = processEnv({
  EMAIL_VERIFICATION_INTERNAL_PORT: port(3102),
  SMTP_URL: address("smtp", "smtps"),
  MAIL_FROM: z.string().default("AshChat <no-reply@localhost>"),
  PUBLIC_URL: publicUrl(),
  CODE_SECRET: secret(),
  ...redis(),
  ...rabbitmq(),
});

export const translationEnvSchema = processEnv({
  TRANSLATION_INTERNAL_PORT: port(3103),
  TRANSLATION_ENGINES: listOf(["google", "libretranslate", "apertium"], ["apertium"]),
  GOOGLE_CLOUD_PROJECT: optionalText(),
  GOOGLE_APPLICATION_CREDENTIALS: optionalText(),
  GOOGLE_CLOUD_TRANSLATE_ENDPOINT: optionalText(),
  GOOGLE_CLOUD_TRANSLATE_KEY: optionalSecret(),
  LIBRETRANSLATE_URL: address("http", "https").optional(),
  LIBRETRANSLATE_API_KEY: optionalSecret(),
  APERTIUM_URL: address("http", "https").optional(),
  TRANSLATION_CACHE_SECRET: secret(),
  TRANSLATION_TIMEOUT_MS: durationMs(TRANSLATION_TIMEOUT_MS),
  SWEEP_DISABLED_FOR_TEST: flag(),
  ...mongodb(),
  ...redis(),
  ...rabbitmq(),
});

export const profilesEnvSchema = processEnv({
  PROFILES_INTERNAL_PORT: port(3104),
  ...mongodb(),
  ...redis(),
  ...rabbitmq(),
});

export const jobsEnvSchema = processEnv({ JOBS_INTERNAL_PORT: port(3105), ...mongodb(), ...redis() });

/** Creates the indexes, runs the migrations and declares the queues, then ends. */
export const migrateEnvSchema = processEnv({ ...mongodb(), ...rabbitmq() });

/** Fills an installation with a conversation to look at, then ends. */
export const demoEnvSchema = processEnv({ ...mongodb(), ...redis(), ...rabbitmq() });
