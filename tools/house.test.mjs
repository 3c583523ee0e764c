import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "./stack/definitions.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ashchat-lint-"));
  cpSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The rules that oxlint says a file at `path` with this text breaks. */
function brokenRules(path, text) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const oxlint = join(ROOT, "node_modules", "oxlint", "bin", "oxlint");
  // Rules that need types are left out: they cost seconds and have no borders.
  const config = JSON.parse(readFileSync(join(folder, ".oxlintrc.json"), "utf8"));
  config.options.typeAware = false;
  writeFileSync(join(folder, ".oxlintrc.json"), JSON.stringify(config));
  let output;
  try {
    output = execFileSync(process.execPath, [oxlint, "--format=json", path], { cwd: folder, encoding: "utf8" });
  } catch (cause) {
    output = cause.stdout;
  }
  return JSON.parse(output).diagnostics.map((diagnostic) => diagnostic.code);
}

const imports = (name) => `import { x } from "${name}";\nexport const y = x;\n`;
const RESTRICTED = "eslint(no-restricted-imports)";

test.each([
  ["mongoose", "packages/db", "packages/redis"],
  ["mongodb", "packages/db", "apps/web"],
  ["amqplib", "packages/messaging", "apps/workers"],
  ["ioredis", "packages/redis", "packages/messaging"],
  ["bullmq", "packages/redis", "apps/workers"],
  ["nodemailer", "apps/workers/src/mail", "apps/workers/src/jobs"],
])("%s is imported in %s only", (name, home, elsewhere) => {
  expect(brokenRules(`${home}/src/one.ts`, imports(name))).toEqual([]);
  expect(brokenRules(`${elsewhere}/src/two.ts`, imports(name))).toEqual([RESTRICTED]);
});

test("a worker imports no other worker's folder", () => {
  expect(brokenRules("apps/workers/src/jobs/one.ts", imports("../translation/batch"))).toEqual([RESTRICTED]);
  expect(brokenRules("apps/workers/src/jobs/two.ts", imports("../sweep/sweep"))).toEqual([]);
});

test("a feature of the web imports no other feature and no server code", () => {
  expect(brokenRules("apps/web/src/features/rooms/one.ts", imports("../messages/list"))).toEqual([RESTRICTED]);
  expect(brokenRules("apps/web/src/features/rooms/two.ts", imports("@/features/messages/list"))).toEqual([RESTRICTED]);
  expect(brokenRules("apps/web/src/features/rooms/three.ts", imports("../../server/container"))).toEqual([RESTRICTED]);
  expect(brokenRules("apps/web/src/features/rooms/four.ts", imports("./room-row"))).toEqual([]);
});

test("the environment is read in packages/runtime only", () => {
  const text = "export const url = process.env;\n";
  expect(brokenRules("packages/runtime/src/env.ts", text)).toEqual([]);
  expect(brokenRules("apps/realtime/src/main.ts", text)).toEqual(["eslint(no-restricted-properties)"]);
});

test("core and contracts reach no platform module", () => {
  expect(brokenRules("packages/core/src/one.ts", imports("node:fs"))).toEqual([RESTRICTED]);
  expect(brokenRules("packages/contracts/src/one.ts", imports("node:crypto"))).toEqual([RESTRICTED]);
});

test("compose gives no password a default and publishes web and realtime alone", () => {
  const compose = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");
  const [, ...services] = compose.slice(compose.indexOf("\nservices:")).split(/\n {2}(?=[a-z-]+:\n)/);
  const publishing = services.filter((text) => /\n {4}ports:/.test(text)).map((text) => text.split(":")[0]);
  expect(publishing).toEqual(["web", "realtime", "inbox"]);
  expect(services.find((text) => text.startsWith("inbox:"))).toMatch(/profiles: \[dev\][\s\S]*ports: \["127\.0\.0\.1:/);
  const secrets = [...compose.matchAll(/\$\{([A-Z_]*(?:PASSWORD|SECRET|KEY))(:.)?/g)];
  expect(secrets.length).toBeGreaterThan(5);
  const optional = ["GOOGLE_CLOUD_TRANSLATE_KEY", "LIBRETRANSLATE_API_KEY"];
  expect(secrets.filter(([, name, mark]) => mark !== ":?" && !optional.includes(name))).toEqual([]);
});

test.each(["up.mjs", "test.mjs"])("%s starts where no package is installed yet", async (entry) => {
  const { metafile } = await build({
    entryPoints: [join(ROOT, "tools", entry)],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    metafile: true,
    write: false,
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports: all }) => all);
  const packages = imported.filter(
    ({ path, kind, external }) => external && kind !== "dynamic-import" && !isBuiltin(path),
  );
  expect(imported.length).toBeGreaterThan(10);
  expect(packages).toEqual([]);
});
