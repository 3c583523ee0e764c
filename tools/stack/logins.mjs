/**
 * Who each process is for the servers, and what it may know. An environment may hold, besides the addresses with the owner's password,
 * `user:password` pairs with fewer rights (WEB_RABBITMQ_LOGIN …, REDIS_LOGIN): a process gets the addresses with its own
 * pair in them, no pair of anybody else, and of the secrets those that it works with: whoever took over the process that talks
 * to translation engines could not seal a session. docker-compose.yml says the same for containers; a test compares them.
 */
import { BROKER_PROCESSES, loginVariable } from "../services/broker-users.mjs";
import { REDIS_LOGIN } from "../services/redis.mjs";

/** The processes that read an address or a secret which not everybody needs. */
export const READERS = {
  MONGODB_URL: ["web", "realtime", "translation", "profiles", "jobs"],
  NEXTAUTH_SECRET: ["web"],
  CODE_SECRET: ["email-verification"],
  SMTP_URL: ["email-verification"],
  TRANSLATION_CACHE_SECRET: ["translation"],
  GOOGLE_APPLICATION_CREDENTIALS: ["translation"],
  GOOGLE_CLOUD_TRANSLATE_KEY: ["translation"],
  LIBRETRANSLATE_API_KEY: ["translation"],
};

const LOGINS = [REDIS_LOGIN, ...BROKER_PROCESSES.map(loginVariable)];

/** Replaces the addresses and takes the pairs away; an undefined variable is one that the process does not get. */
export function serverVariables(process, env) {
  const foreign = Object.keys(READERS).filter((name) => !READERS[name].includes(process));
  const none = Object.fromEntries([...LOGINS, ...foreign].map((name) => [name, undefined]));
  const broker = BROKER_PROCESSES.includes(process);
  return {
    ...none,
    REDIS_URL: withLogin(env.REDIS_URL, env[REDIS_LOGIN]),
    RABBITMQ_URL: broker ? withLogin(env.RABBITMQ_URL, env[loginVariable(process)]) : undefined,
  };
}

function withLogin(address, login) {
  if (!address || !login) return address;
  const url = new URL(address);
  [url.username, url.password] = login.split(":");
  return url.href;
}
