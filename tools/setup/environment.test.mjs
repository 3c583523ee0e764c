import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outputName } from "../build-node.mjs";
import { ROOT, defineProcesses, portsFromBase, portsOf, stackPortCount } from "../stack/definitions.mjs";
import { readEnvironment, withDatabase } from "./environment.mjs";

test.each([
  ["mongodb://127.0.0.1:1", "mongodb://127.0.0.1:1/ashchat"],
  ["mongodb://127.0.0.1:1/?replicaSet=rs0", "mongodb://127.0.0.1:1/ashchat?replicaSet=rs0"],
  ["mongodb://a:b@h/kept?x=1", "mongodb://a:b@h/kept?x=1"],
  ["mongodb+srv://h", "mongodb+srv://h/ashchat"],
])("the address %s with a database is %s", (url, expected) => {
  expect(withDatabase(url, "ashchat")).toBe(expected);
});

test.each([
  ["src/main.ts", "main"],
  ["src/translation/main.ts", "translation"],
  ["src/tools/check.ts", "check"],
])("%s is built as %s", (entry, name) => {
  expect(outputName(entry)).toBe(name);
});

test("two realtime processes and the rest have ports of their own, as many as are asked for", () => {
  const definitions = defineProcesses({ env: {}, ports: portsFromBase(24_000, 2), realtimeCount: 2 });
  const ports = definitions.flatMap((definition) => definition.ports);
  expect(definitions.map(({ name }) => name).slice(0, 3)).toEqual(["web", "realtime", "realtime-2"]);
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.max(...ports)).toBeLessThan(24_000 + stackPortCount(2));
});

test("the usual ports are those of .env.example", () => {
  const example = readFileSync(join(ROOT, ".env.example"), "utf8");
  const { web, realtime, internal } = portsOf();
  expect(example).toContain(`\nWEB_PORT=${web}\n`);
  expect(example).toContain(`\nREALTIME_PORT=${realtime[0]}\n`);
  for (const [name, port] of Object.entries(internal)) {
    expect(example).toContain(`\n${name.toUpperCase().replaceAll("-", "_")}_INTERNAL_PORT=${port}\n`);
  }
});

test("every variable of .env.example has its own comment above it", () => {
  const lines = readFileSync(join(ROOT, ".env.example"), "utf8").split("\n");
  const bare = lines.filter((line, index) => /^[A-Z_]+=/.test(line) && !lines[index - 1]?.startsWith("# "));
  expect(bare).toEqual([]);
});

test("the caller's own environment goes before .env and empty values count as absent", () => {
  expect(readEnvironment({ REDIS_URL: "redis://mine", SMTP_URL: "" })).toMatchObject({ REDIS_URL: "redis://mine" });
});
