import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CRASH_POINTS } from "./crash-points";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const FOLDERS = ["packages/core/src/account", "apps/workers/src/email-verification"];

test("the programme dies at every step that the sequence names, and at no other", () => {
  const files = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder)).map((file) => join(ROOT, folder, file)));
  const sources = files.filter((file) => !file.includes(".test.")).map((file) => readFileSync(file, "utf8"));
  const named = sources.flatMap((source) => [...source.matchAll(/\bcrash\("([a-z_.]+)"\)/g)].map((match) => match[1]));
  expect(new Set(named)).toEqual(new Set(Object.values(CRASH_POINTS).flat()));
  expect(named).toHaveLength(new Set(named).size);
});
