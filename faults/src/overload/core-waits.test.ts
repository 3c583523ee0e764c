import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { expect, test } from "vitest";
import { collectCoreWaits, watchCoreWaits } from "./core-waits";

function looksAt(looks: readonly (readonly [time: number, waited: number | null])[]) {
  let waited: number | null = null;
  const waits = collectCoreWaits(() => waited);
  for (const [time, value] of looks) {
    waited = value;
    waits.look(time);
  }
  return waits;
}

test("a wait counts for those it fell upon, in proportion between two looks", () => {
  const waits = looksAt([
    [0, 100],
    [10, 100],
    [20, 108],
    [30, 108],
  ]);
  expect(waits.between(0, 10)).toBe(0);
  expect(waits.between(0, 30)).toBe(8);
  expect(waits.between(10, 15)).toBe(4);
  expect(waits.between(15, 30)).toBe(4);
  expect(waits.between(20, 30)).toBe(0);
});

test("what was not looked at excuses nobody: before the first look, after the last, and of a process that is gone", () => {
  expect(looksAt([]).between(0, 50)).toBe(0);
  const waits = looksAt([
    [100, 40],
    [110, 45],
    [120, null],
  ]);
  expect(waits.between(0, 90)).toBe(0);
  expect(waits.between(115, 400)).toBe(0);
  expect(waits.between(0, 400)).toBe(5);
});

test("never more is excused than the time itself", () => {
  const waits = looksAt([
    [0, 0],
    [10, 90],
  ]);
  expect(waits.between(2, 6)).toBe(4);
});

// Real processes: more of them than cores, so that each must wait for its turn.
test("a process among more busy ones than there are cores is seen to wait", async () => {
  const busy = Array.from({ length: cpus().length * 3 }, () => spawn(process.execPath, ["-e", "for (;;);"]));
  const waits = watchCoreWaits(busy[0]?.pid ?? 0);
  const began = performance.now();
  try {
    await expect
      .poll(() => waits.between(began, performance.now()), { timeout: 20_000, interval: 50 })
      .toBeGreaterThan(100);
  } finally {
    waits.stop();
    for (const child of busy) child.kill("SIGKILL");
  }
});
