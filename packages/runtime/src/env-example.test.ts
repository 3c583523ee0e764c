import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { variablesOf } from "./env";
import * as processes from "./processes";

/** Read by docker-compose.yml and by the development mail inbox, not by a process of ours. */
const TOOL_VARIABLES = new Set([
  "MAIL_SMTP_PORT",
  "MAIL_INBOX_PORT",
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
]);

const lines = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8").split("\n");
const documented = lines.flatMap((line) => /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
const schemas = Object.entries(processes).flatMap(([name, value]) =>
  typeof value === "object" ? [[name, value] as const] : [],
);

describe(".env.example", () => {
  it.each(schemas)("documents every variable of %s", (_name, schema) => {
    expect(variablesOf(schema).filter((variable) => !documented.includes(variable))).toEqual([]);
  });

  it("names no variable that nobody reads, and none twice", () => {
    const read = new Set(schemas.flatMap(([, schema]) => variablesOf(schema)));
    expect(documented.filter((variable) => !read.has(variable) && !TOOL_VARIABLES.has(variable))).toEqual([]);
    expect(documented).toEqual([...new Set(documented)]);
  });

  it("has a comment above every variable", () => {
    const bare = lines.filter((line, index) => /^[A-Z]/.test(line) && lines[index - 1]?.startsWith("#") !== true);
    expect(bare).toEqual([]);
  });
});
