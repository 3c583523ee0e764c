import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ROOT } from "../stack/definitions.mjs";

const SECRETS = [
  "NEXTAUTH_SECRET",
  "CODE_SECRET",
  "TRANSLATION_CACHE_SECRET",
  "MONGODB_ROOT_PASSWORD",
  "MONGODB_PASSWORD",
  "MONGODB_KEY",
  "REDIS_PASSWORD",
  "RABBITMQ_PASSWORD",
  "RABBITMQ_WEB_PASSWORD",
  "RABBITMQ_REALTIME_PASSWORD",
  "RABBITMQ_EMAIL_VERIFICATION_PASSWORD",
  "RABBITMQ_TRANSLATION_PASSWORD",
  "RABBITMQ_PROFILES_PASSWORD",
];

/** A secret that nobody can guess, safe in a URL. */
export const newSecret = () => randomBytes(32).toString("hex");

/** Makes a development `.env` from `.env.example` with fresh secrets where none exists; returns whether it did. */
export function ensureEnvFile() {
  const file = join(ROOT, ".env");
  if (existsSync(file)) return false;
  const example = readFileSync(join(ROOT, ".env.example"), "utf8");
  const filled = example.replaceAll(/^([A-Z_]+)=$/gm, (line, name) =>
    SECRETS.includes(name) ? `${name}=${newSecret()}` : line,
  );
  writeFileSync(file, filled, { mode: 0o600 });
  return true;
}

/** The variables of `.env` without the empty ones; the caller's own environment goes before the file. */
export function readEnvironment(own = process.env) {
  const file = join(ROOT, ".env");
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  const names = new Set([...Object.keys(fromFile), ...documentedNames()]);
  const values = [...names].map((name) => [name, own[name] || fromFile[name]]);
  return Object.fromEntries(values.filter(([, value]) => value));
}

function documentedNames() {
  const example = readFileSync(join(ROOT, ".env.example"), "utf8");
  return [...example.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
}

/** The MongoDB address with the name of a database in it, before its options. */
export function withDatabase(url, database) {
  const [, server, name, options] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)(\?.*)?$/.exec(url) ?? [];
  if (!server) throw new Error("MONGODB_URL is no mongodb:// address");
  return `${server}/${name || database}${options ?? ""}`;
}
