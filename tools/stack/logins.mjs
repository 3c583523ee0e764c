/**
 * Who each process is for the servers. An environment may hold, besides the addresses with the owner's password,
 * `user:password` pairs with fewer rights (WEB_RABBITMQ_LOGIN …, REDIS_LOGIN): a process gets the addresses with its own
 * pair in them, and no pair of anybody else.
 */
import { BROKER_PROCESSES, loginVariable } from "../services/broker-users.mjs";
import { REDIS_LOGIN } from "../services/redis.mjs";

const LOGINS = [REDIS_LOGIN, ...BROKER_PROCESSES.map(loginVariable)];

/** Replaces the addresses and takes the pairs away; an undefined variable is one that the process does not get. */
export function serverVariables(process, env) {
  const none = Object.fromEntries(LOGINS.map((name) => [name, undefined]));
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
