import { describe, expect, it } from "vitest";
import { silentLogger } from "./logger";
import { createShutdown } from "./shutdown";

const never = () => new Promise<void>(() => undefined);

describe("shutdown", () => {
  it("closes the groups in order, whatever the order in which they were added", async () => {
    const closed: string[] = [];
    const shutdown = createShutdown({ log: silentLogger(), timeoutMs: 1_000 });
    shutdown.add("last", "health", () => void closed.push("last"));
    shutdown.add("connections", "db", () => void closed.push("connections"));
    shutdown.add("work", "timers", () => void closed.push("work"));
    shutdown.add("intake", "server", async () => {
      await Promise.resolve();
      closed.push("intake");
    });
    expect(await shutdown.run("test")).toBe(true);
    expect(closed).toEqual(["intake", "work", "connections", "last"]);
  });

  it("a part that never closes does not hold the process beyond the deadline", async () => {
    const shutdown = createShutdown({ log: silentLogger(), timeoutMs: 20 });
    shutdown.add("intake", "stuck", never);
    expect(await shutdown.run("test")).toBe(false);
  });

  it("a part that fails does not keep the others from closing, and the end is not clean", async () => {
    let closed = false;
    const shutdown = createShutdown({ log: silentLogger(), timeoutMs: 1_000 });
    shutdown.add("intake", "broken", () => {
      throw new Error("no");
    });
    shutdown.add("last", "health", () => {
      closed = true;
    });
    expect(await shutdown.run("test")).toBe(false);
    expect(closed).toBe(true);
  });

  it("runs once, however often it is asked", async () => {
    let count = 0;
    const shutdown = createShutdown({ log: silentLogger(), timeoutMs: 1_000 });
    shutdown.add("intake", "counted", () => {
      count += 1;
    });
    await Promise.all([shutdown.run("one"), shutdown.run("two")]);
    expect(count).toBe(1);
    expect(shutdown.isRunning()).toBe(true);
  });
});
