import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./stack/definitions.mjs";

const read = (file) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const lock = read("package-lock.json").packages;

/** The oldest versions without a known hole; where several lines are kept safe, each line has its own. */
const OLDEST_SAFE = {
  next: ["16.2.11"],
  react: ["19.2.1"],
  "react-dom": ["19.2.1"],
  "next-auth": ["4.24.15"],
  nodemailer: ["10.4.1"],
  mongoose: ["9.9.2"],
  ws: ["8.21.1"],
  "@trpc/server": ["11.8.0"],
  amqplib: ["2.3.0"],
  sharp: ["0.35.0"],
  dompurify: ["3.2.4"],
  "socket.io-parser": ["4.2.7"],
};

/** Not installed today; should somebody bring it, it is looked at. */
const ABSENT = ["dompurify"];
/** The oldest mongod without a known hole of each line. */
const OLDEST_SAFE_MONGOD = { 7: "7.0.28", 8: "8.0.17" };

/** Packages that may name an install script; no script runs (`--ignore-scripts`), so each must work without its own. */
const MAY_HAVE_SCRIPTS = new Set([
  "@parcel/watcher",
  "@swc/core",
  "esbuild",
  "fsevents",
  "lefthook",
  "msgpackr-extract",
  "protobufjs",
  "sharp",
  "unrs-resolver",
]);

const numbers = (version) => version.split("-")[0].split(".").map(Number);

function isAtLeast(version, oldest) {
  const [mine, theirs] = [numbers(version), numbers(oldest)];
  const different = mine.findIndex((part, index) => part !== theirs[index]);
  return different === -1 || mine[different] > theirs[different];
}

function installed(name) {
  return Object.entries(lock).filter(([path, entry]) => path.endsWith(`node_modules/${name}`) && !entry.link);
}

test.each(Object.entries(OLDEST_SAFE))(
  "every installed copy of %s is at least as new as its oldest safe version",
  (name, [oldest]) => {
    const unsafe = installed(name).filter(([, entry]) => !isAtLeast(entry.version, oldest));
    expect(unsafe.map(([path, entry]) => `${path} ${entry.version}`)).toEqual([]);
  },
);

test("the list names what is installed: a package that was given another name is not left out", () => {
  const missing = Object.keys(OLDEST_SAFE).filter((name) => installed(name).length === 0);
  expect(missing.toSorted()).toEqual(ABSENT);
});

test.each(["docker-compose.yml", "tools/services/mongod.mjs"])("the mongod that %s names has no known hole", (file) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  const version = /(?:image: mongo:|VERSION = ")(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? "";
  const oldest = OLDEST_SAFE_MONGOD[version.split(".")[0]];
  expect([version, oldest !== undefined && isAtLeast(version, oldest)]).toEqual([version, true]);
});

test("the comparison of versions is by number, not by text", () => {
  expect(isAtLeast("16.10.0", "16.2.11")).toBe(true);
  expect(isAtLeast("16.2.9", "16.2.11")).toBe(false);
  expect(isAtLeast("4.24.15", "4.24.15")).toBe(true);
});

test("the lockfile names no host to fetch from, so every contributor uses his own registry", () => {
  const foreign = Object.entries(lock).filter(([, entry]) => /^(https?|git)/.test(entry.resolved ?? ""));
  expect(foreign.map(([path, entry]) => `${path} ${entry.resolved}`)).toEqual([]);
});

test("no package has an install script that nobody has looked at", () => {
  const named = Object.entries(lock).filter(([, entry]) => entry.hasInstallScript);
  const names = named.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  expect(names.filter((name) => !MAY_HAVE_SCRIPTS.has(name))).toEqual([]);
});

test("every workspace pins exact versions, and all workspaces the same one", () => {
  const seen = new Map();
  const loose = [];
  for (const [path, entry] of Object.entries(lock)) {
    if (path.includes("node_modules") || !existsSync(join(ROOT, path, "package.json"))) continue;
    for (const [name, range] of Object.entries({ ...entry.dependencies, ...entry.devDependencies })) {
      if (name.startsWith("@ashchat/")) continue;
      const known = seen.get(name) ?? range;
      seen.set(name, known);
      if (!/^\d+\.\d+\.\d+$/.test(range) || range !== known) loose.push(`${path || "."}: ${name} ${range}`);
    }
  }
  expect(loose).toEqual([]);
});
