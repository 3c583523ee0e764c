import { describe, expect, it } from "vitest";
import { withCorrelation } from "./correlation";
import { createLogger } from "./logger";

const EMAIL = "ana@example.org";

function capture() {
  const lines: string[] = [];
  const log = createLogger({ name: "test", level: "info", destination: { write: (line) => void lines.push(line) } });
  return { log, last: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? "{}"), all: () => lines.join("") };
}

describe("the logger", () => {
  it.each([
    "password",
    "passwordHash",
    "token",
    "ticket",
    "cookie",
    "authorization",
    "text",
    "newPassword",
    "Authorization",
  ])("shows no %s, at any depth and in child loggers", (key) => {
    const { log, all } = capture();
    log.info({ [key]: "canary", nested: { list: [{ [key]: "canary" }] } }, "hello");
    log.child({ [key]: "canary" }).info("from the child");
    expect(all()).not.toContain("canary");
    expect(all()).toContain("[redacted]");
  });

  it("shows nothing of what a driver was to write when its command failed", () => {
    const { log, all } = capture();
    const refused = Object.assign(new Error("OOM command not allowed when used memory > 'maxmemory'."), {
      command: { name: "eval", args: ["script", "1", "key", '{"passwordHash":"canary"}', Buffer.from("canary")] },
    });
    log.warn({ err: { code: "unavailable", message: "redis: keep pending registration", cause: refused } }, "refused");
    expect(all()).not.toContain("canary");
    expect(all()).toContain("OOM command not allowed");
  });

  it("hides a mailed code but names an error by its code", () => {
    const { log, last } = capture();
    log.info({ input: { code: "123456" } });
    expect(last()["input"]).toEqual({ code: "[redacted]" });
    log.info({ error: { code: "ECONNREFUSED" }, close: { code: 4401 }, app: { code: "code_wrong" } });
    expect(last()).toMatchObject({
      error: { code: "ECONNREFUSED" },
      close: { code: 4401 },
      app: { code: "code_wrong" },
    });
  });

  it("replaces e-mail addresses by one mark per person, also inside messages of errors", () => {
    const { log, last, all } = capture();
    log.info({ email: "Ana@Example.org" });
    const mark = last()["email"];
    log.error({ err: new Error(`dup key: { email: "${EMAIL}" }`) }, `mail to ${EMAIL}`);
    expect(last()).toMatchObject({
      msg: `mail to ${String(mark)}`,
      err: { message: `dup key: { email: "${String(mark)}" }` },
    });
    expect(all()).not.toContain(EMAIL);
  });

  it("replaces addresses where an error alone is logged", () => {
    const { log, all } = capture();
    log.error(new Error(`no such mailbox: ${EMAIL}`));
    log.error({ err: new Error(`no such mailbox: ${EMAIL}`) });
    expect(all()).not.toContain(EMAIL);
    expect(all()).toContain("no such mailbox");
  });

  it("shows no password of a server's address", () => {
    const { log, all } = capture();
    log.error({ err: new Error("cannot reach amqp://ash:canary@broker:5672/x") }, "redis://:canary@cache");
    expect(all()).not.toContain("canary");
  });

  it("keeps type, message, stack and cause of an error", () => {
    const { log, last } = capture();
    log.error({ err: new TypeError("outer", { cause: new RangeError("inner") }) });
    expect(last()["err"]).toMatchObject({
      type: "TypeError",
      message: "outer",
      cause: { type: "RangeError", message: "inner" },
    });
    expect(last()["err"]).toHaveProperty("stack", expect.stringContaining("logger.test.ts"));
  });

  it("every line of a flow carries its correlation id, across awaits", async () => {
    const { log, last } = capture();
    await withCorrelation("flow-0001", async () => {
      await Promise.resolve();
      log.info("inside");
    });
    expect(last()["correlationId"]).toBe("flow-0001");
    log.info("outside");
    expect(last()).not.toHaveProperty("correlationId");
  });

  it("replaces a correlation id that somebody made up out of shape", () => {
    const { log, last } = capture();
    withCorrelation('x"\n{evil}', () => log.info("inside"));
    expect(last()["correlationId"]).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });

  it("survives circular and huge objects", () => {
    const { log, last } = capture();
    const loop: Record<string, unknown> = { big: "x".repeat(100_000) };
    loop["self"] = loop;
    log.info({ loop });
    expect(JSON.stringify(last()).length).toBeLessThan(40_000);
  });
});
