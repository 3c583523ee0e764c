import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./run.mjs";

let dir;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "ashchat-run-"))));
afterAll(() => rmSync(dir, { recursive: true }));

const forever = "setInterval(() => undefined, 1_000);";

test("a command that is out of time may end what it has started", async () => {
  const file = join(dir, "ended");
  const script = `process.on("SIGTERM", () => { require("fs").writeFileSync(${JSON.stringify(file)}, "clean"); process.exit(); }); ${forever}`;
  expect(await run(process.execPath, ["-e", script], { quiet: true, timeoutMs: 500 })).toMatchObject({
    status: "timeout",
  });
  expect(readFileSync(file, "utf8")).toBe("clean");
});

test("one that does not end then is killed", async () => {
  const script = `process.on("SIGTERM", () => undefined); ${forever}`;
  const options = { quiet: true, timeoutMs: 500, graceMs: 200 };
  expect(await run(process.execPath, ["-e", script], options)).toMatchObject({ status: "timeout" });
});
