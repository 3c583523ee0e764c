import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watchHeartbeats, type HeartbeatSource } from "./heartbeat-watch";

const ADDRESS = "db:27017";
const OPTIONS = { connectMs: 2_000, heartbeatMs: 10_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const driver = new EventEmitter();
  const stuck: string[] = [];
  const onStuck = (address: string) => void stuck.push(address);
  const stop = watchHeartbeats(driver as unknown as HeartbeatSource, { ...OPTIONS, onStuck });
  const begins = (awaited = false) => driver.emit("serverHeartbeatStarted", { connectionId: ADDRESS, awaited });
  const ends = (name: "Succeeded" | "Failed") => driver.emit(`serverHeartbeat${name}`, { connectionId: ADDRESS });
  return { driver, stuck, stop, begins, ends };
}

describe("the driver's looks at its server", () => {
  test("one that never ends is noticed once, and the watch is over", () => {
    const { driver, stuck, begins } = setUp();
    begins();
    vi.advanceTimersByTime(4_999);
    expect(stuck).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(stuck).toEqual([ADDRESS]);
    begins();
    vi.advanceTimersByTime(60_000);
    expect(stuck).toEqual([ADDRESS]);
    expect(driver.eventNames()).toEqual([]);
  });

  test("looks that end, well or badly, are nothing to notice, however many there are and however long between them", () => {
    const { stuck, begins, ends } = setUp();
    for (let turn = 0; turn < 10; turn += 1) {
      begins();
      vi.advanceTimersByTime(4_000);
      ends(turn % 2 === 0 ? "Succeeded" : "Failed");
      vi.advanceTimersByTime(120_000);
    }
    expect(stuck).toEqual([]);
  });

  test("a server that pushes its news may be silent for the time of a heartbeat as well", () => {
    const { stuck, begins } = setUp();
    begins(true);
    vi.advanceTimersByTime(14_999);
    expect(stuck).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(stuck).toEqual([ADDRESS]);
  });

  test("a server that is given up and a watch that is stopped leave no timer", () => {
    const { driver, stop, begins } = setUp();
    begins();
    driver.emit("serverClosed", { address: ADDRESS });
    expect(vi.getTimerCount()).toBe(0);
    begins();
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
