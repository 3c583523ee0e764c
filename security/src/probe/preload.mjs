/**
 * Loaded into the processes under attack before anything of their own (`--import`), by this programme alone. It remembers
 * what the built-in objects are like and, on SIGUSR2, writes to `ASH_TEST_PROBE_FOLDER/<pid>.json` what has been put on them
 * since, and how much memory is alive after a collection. Between the questions it looks at Object.prototype all the time.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

const LOOK_MS = 20;
const SEEN_MAX = 100;
const MIB = 1_048_576;
const BUILT_IN = [
  ...[Object, Function, Array, String, Number, Boolean, Symbol, BigInt, RegExp, Date, Promise, Error, TypeError],
  ...[Map, Set, WeakMap, WeakSet, ArrayBuffer, Uint8Array, DataView, Proxy, URL, URLSearchParams, Buffer],
  ...[Headers, Request, Response, AbortController, EventTarget, TextEncoder, TextDecoder],
];
const TOOLS = { JSON, Math, Reflect, Atomics, Intl };
// Taken now: what is attacked may put others in their place.
const { getOwnPropertyDescriptor, is } = Object;
const { ownKeys } = Reflect;
const { stringify } = JSON;

/** What an attack reaches by `__proto__`, `constructor` and `prototype` of whatever it is. */
const targets = [
  ...BUILT_IN.flatMap((one) => [
    [one.name, one],
    ...(one.prototype === undefined ? [] : [[`${one.name}.prototype`, one.prototype]]),
  ]),
  ...Object.entries(TOOLS),
].map(([name, object]) => ({ name, object, was: describe(object) }));

function describe(object) {
  return new Map(ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)]));
}

/** `Object.prototype.isAdmin was added`, and so on. */
function changesOf({ name, object, was }) {
  const now = describe(object);
  const changes = [];
  for (const [key, descriptor] of now) {
    const before = was.get(key);
    if (before === undefined) changes.push(`${name}.${String(key)} was added`);
    else if (!isSame(before, descriptor)) changes.push(`${name}.${String(key)} was replaced`);
  }
  for (const key of was.keys()) if (!now.has(key)) changes.push(`${name}.${String(key)} was removed`);
  return changes;
}

function isSame(one, other) {
  return is(one.value, other.value) && one.get === other.get && one.set === other.set;
}

function watch() {
  const folder = process.env.ASH_TEST_PROBE_FOLDER;
  const everSeen = new Set();
  const [objectPrototype] = targets.filter(({ name }) => name === "Object.prototype");
  const look = () => {
    for (const change of changesOf(objectPrototype)) if (everSeen.size < SEEN_MAX) everSeen.add(change);
  };
  setFlagsFromString("--expose-gc"); // only what is made from here on has it
  const collect = runInNewContext("gc");
  let asked = 0;
  const answer = () => {
    look();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    // Without a prototype, so that whatever was put on one is not written as ours.
    const report = { __proto__: null, pid: process.pid, program: process.argv[1] ?? "", asked };
    report.changes = targets.flatMap(changesOf);
    report.everSeen = [...everSeen];
    report.aliveMib = (heapUsed + external) / MIB;
    asked += 1;
    const file = join(folder, `${process.pid}.json`);
    writeFileSync(`${file}.part`, stringify(report));
    renameSync(`${file}.part`, file);
  };
  mkdirSync(folder, { recursive: true });
  process.on("SIGUSR2", answer);
  setInterval(look, LOOK_MS).unref();
  // Says that it is here: without it the signal would end the process.
  answer();
}

if (isMainThread && process.env.ASH_TEST_PROBE_FOLDER) watch();
