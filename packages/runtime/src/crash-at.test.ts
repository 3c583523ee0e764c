import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { crashPointFrom } from "./crash-at";

function killsAt(CRASH_AT: string, steps: readonly string[]): number | null {
  let killedAt: number | null = null;
  let step = 0;
  const crash = crashPointFrom({ CRASH_AT, NODE_ENV: "test" }, () => {
    killedAt = step;
  });
  for (const name of steps) {
    step += 1;
    crash(name);
  }
  return killedAt;
}

describe("crash points", () => {
  it("kill at the step of their name only", () => {
    expect(killsAt("send.after_insert", ["send.before_insert", "send.after_insert", "send.after_announce"])).toBe(2);
    expect(killsAt("send.after_insert", ["send.before_insert"])).toBeNull();
  });

  it("kill at the wanted pass", () => {
    expect(killsAt("step:3", ["step", "other", "step", "step", "step"])).toBe(4);
  });

  it("kill at the step that a file names, from the moment it does", () => {
    const folder = mkdtempSync(join(tmpdir(), "ashchat-crash-"));
    const file = join(folder, "step");
    let kills = 0;
    const crash = crashPointFrom({ CRASH_AT: `@${file}`, NODE_ENV: "test" }, () => {
      kills += 1;
    });
    crash("step");
    writeFileSync(file, "step\n");
    crash("other");
    expect(kills).toBe(0);
    crash("step");
    rmSync(folder, { recursive: true });
    crash("step");
    expect(kills).toBe(1);
  });

  it("do nothing where none is named, and are refused in production", () => {
    expect(() => crashPointFrom({ NODE_ENV: "production" })("any")).not.toThrow();
    expect(() => crashPointFrom({ NODE_ENV: "production", CRASH_AT: "any" })).toThrow("refused");
  });
});
