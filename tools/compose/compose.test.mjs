import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { variablesOf } from "../../packages/runtime/src/env.ts";
import {
  emailVerificationEnvSchema,
  jobsEnvSchema,
  migrateEnvSchema,
  profilesEnvSchema,
  realtimeEnvSchema,
  translationEnvSchema,
  webEnvSchema,
} from "../../packages/runtime/src/processes.ts";
import { BROKER_PROCESSES, brokerPermissions, brokerUser } from "../services/broker-users.mjs";
import { PROCESS_NAMES, ROOT } from "../stack/definitions.mjs";
import { READERS, serverVariables } from "../stack/logins.mjs";

const text = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");
const { services, networks } = parse(text, { merge: true });
const PUBLIC = ["realtime", "web"];
const SERVERS = ["mongodb", "redis", "rabbitmq", "apertium"];

test("only web and realtime publish a port; the inbox, in development, one on the loopback address", () => {
  const publishing = Object.entries(services).filter(([, { ports }]) => ports?.length > 0);
  expect(publishing.map(([name]) => name).toSorted()).toEqual(["inbox", ...PUBLIC]);
  expect(services.inbox.profiles).toEqual(["dev"]);
  expect(services.inbox.ports.every((port) => port.startsWith("127.0.0.1:"))).toBe(true);
  for (const service of Object.values(services)) expect(service.network_mode).toBeUndefined();
});

test("servers stand on inner networks alone, each with those who use it", () => {
  for (const name of SERVERS) {
    expect(services[name].networks.every((network) => networks[network].internal === true)).toBe(true);
  }
  const on = (network) => Object.keys(services).filter((name) => services[name].networks.includes(network));
  expect(on("work").toSorted()).toEqual([...BROKER_PROCESSES, "migrate", "rabbitmq"].toSorted());
  expect(on("database")).not.toContain("email-verification");
});

test("no password, key or secret has a default, and none stands in the file", () => {
  const secrets = [...text.matchAll(/\$\{([A-Z_]*(?:PASSWORD|SECRET|_KEY)[A-Z_]*)(:?[-?]?)/g)];
  const optional = ["LIBRETRANSLATE_API_KEY", "GOOGLE_CLOUD_TRANSLATE_KEY"];
  expect(secrets.length).toBeGreaterThan(15);
  for (const [, name, operator] of secrets)
    expect([name, operator]).toEqual([name, optional.includes(name) ? ":-" : ":?"]);
  expect(text).not.toMatch(/(?:\w+:\/\/\w*):(?!\$\{)[^@\s/"]+@/);
});

test("every process signs in to the broker, the database and Redis as somebody with few rights", () => {
  for (const process of BROKER_PROCESSES) {
    expect(services[process].environment.RABBITMQ_URL).toMatch(
      new RegExp(`^amqp://${brokerUser(process)}:\\$\\{RABBITMQ_`),
    );
  }
  const passwords = BROKER_PROCESSES.map((process) => /\$\{(\w+)/.exec(services[process].environment.RABBITMQ_URL)[1]);
  expect(new Set(passwords).size).toBe(BROKER_PROCESSES.length);
  expect(services.jobs.environment.RABBITMQ_URL).toBeUndefined();
  for (const { environment = {} } of Object.values(services)) {
    expect(environment.MONGODB_URL ?? "mongodb://ashchat:").toMatch(/^mongodb:\/\/ashchat:/);
    expect(environment.REDIS_URL ?? "redis://ashchat:").toMatch(/^redis:\/\/ashchat:/);
  }
  expect(services.mongodb.environment.MONGO_INITDB_ROOT_USERNAME).toBe("root");
  const user = readFileSync(join(ROOT, "tools", "compose", "mongodb-user.js"), "utf8");
  expect([...user.matchAll(/role: "(\w+)"/g)].map(([, role]) => role)).toEqual(["readWrite"]);
});

test.each(PROCESS_NAMES)(
  "%s knows no secret and no address that it does not work with, as a container and as a process",
  (name) => {
    const theirs = Object.keys(READERS).filter((variable) => !READERS[variable].includes(name));
    expect(theirs.length).toBeGreaterThan(0);
    expect(Object.keys(services[name].environment).filter((variable) => theirs.includes(variable))).toEqual([]);
    const all = Object.fromEntries(Object.keys(READERS).map((variable) => [variable, "x"]));
    const given = { ...all, ...serverVariables(name, { REDIS_URL: "redis://x", RABBITMQ_URL: "amqp://x", ...all }) };
    expect(theirs.filter((variable) => given[variable] !== undefined)).toEqual([]);
  },
);

test("every secret of the containers has its readers", () => {
  const secrets = PROCESS_NAMES.flatMap((name) => Object.keys(services[name].environment)).filter((variable) =>
    /SECRET|_KEY$|CREDENTIALS/.test(variable),
  );
  expect(secrets.filter((variable) => READERS[variable] === undefined)).toEqual([]);
});

test.each([
  ["web", webEnvSchema],
  ["realtime", realtimeEnvSchema],
  ["email-verification", emailVerificationEnvSchema],
  ["translation", translationEnvSchema],
  ["profiles", profilesEnvSchema],
  ["jobs", jobsEnvSchema],
  ["migrate", migrateEnvSchema],
])("%s gets every variable that it reads, but for those of tests", (name, schema) => {
  const forTests = (variable) => variable === "CRASH_AT" || variable.endsWith("_FOR_TEST");
  const passed = Object.keys(services[name].environment);
  expect(variablesOf(schema).filter((variable) => !forTests(variable) && !passed.includes(variable))).toEqual([]);
});

test("what may be set in .env is documented there, with the same default", () => {
  const example = parseEnv(readFileSync(join(ROOT, ".env.example"), "utf8"));
  const used = [...text.matchAll(/\$\{([A-Z_]+)(?::-([^}]*))?/g)].map(([, name, fallback]) => ({ name, fallback }));
  expect(used.filter(({ name }) => example[name] === undefined)).toEqual([]);
  // An empty line there means: not set, and then the default of this file holds.
  const other = used.filter(({ name, fallback }) => fallback && example[name] && example[name] !== fallback);
  expect(other).toEqual([]);
});

test("the credentials of Google Cloud, a file outside, are where the variable says", () => {
  const [mounted] = services.translation.volumes;
  expect(mounted).toMatch(
    /^\$\{GOOGLE_APPLICATION_CREDENTIALS:-[^}]+\}:\$\{GOOGLE_APPLICATION_CREDENTIALS:-[^}]+\}:ro$/,
  );
  expect(services.translation.environment.GOOGLE_APPLICATION_CREDENTIALS).toBe("${GOOGLE_APPLICATION_CREDENTIALS:-}");
});

test("a container is not killed before its process has given up ending", () => {
  const { SHUTDOWN_TIMEOUT_MS } = parseEnv(readFileSync(join(ROOT, ".env.example"), "utf8"));
  for (const name of [...BROKER_PROCESSES, "jobs"])
    expect(Number.parseInt(services[name].stop_grace_period) * 1_000).toBeGreaterThan(Number(SHUTDOWN_TIMEOUT_MS));
});

test("no service can fill the disk with what it logs", () => {
  for (const [name, { logging }] of Object.entries(services))
    expect([name, logging?.options]).toEqual([name, { "max-size": "20m", "max-file": "5" }]);
});

test("containers of ours have no capability and cannot gain one", () => {
  for (const name of [...BROKER_PROCESSES, "jobs", "migrate", "apertium", "inbox"]) {
    expect(services[name]).toMatchObject({ cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  }
});

test("the broker's container makes the same users with the same rights as the scripts, and no guest", () => {
  const folder = mkdtempSync(join(tmpdir(), "ashchat-compose-"));
  writeFileSync(join(folder, "docker-entrypoint.sh"), "#!/bin/sh\n", { mode: 0o755 });
  const passwords = Object.keys(services.rabbitmq.environment);
  const env = Object.fromEntries(passwords.map((name) => [name, `secret-of-${name}`]));
  execFileSync("bash", [join(ROOT, "tools", "compose", "rabbitmq.sh")], {
    env: { ...env, CONFIGURATION_FOLDER: folder, PATH: `${folder}:${process.env.PATH}` },
  });
  const { users, permissions } = JSON.parse(readFileSync(join(folder, "definitions.json"), "utf8"));
  rmSync(folder, { recursive: true });
  expect(permissions).toEqual(brokerPermissions());
  expect(users.map(({ name }) => name)).toEqual(brokerPermissions().map(({ user }) => user));
  expect(new Set(users.map(({ password }) => password)).size).toBe(passwords.length);
});
